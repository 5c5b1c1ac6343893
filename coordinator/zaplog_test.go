package coordinator

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/zap"
)

// etcd's errors reach our log, its chatter does not, and what it calls fatal
// ends nothing.
func TestZapToSlog(t *testing.T) {
	var out bytes.Buffer
	log := zapTo(slog.New(slog.NewTextHandler(&out, nil))).With(zap.String("with", "w"))
	log.Info("chatter")
	log.Error("disk", zap.Int("n", 3), zap.Error(errors.New("slow")))
	log.Fatal("over")
	line := out.String()
	if strings.Contains(line, "chatter") || !strings.Contains(line, "msg=disk part=etcd with=w n=3 error=slow") || !strings.Contains(line, "msg=over") {
		t.Errorf("log: %s", line)
	}
}
