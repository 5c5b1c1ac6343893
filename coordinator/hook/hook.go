package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"time"
)

const (
	waiting  = 64               // messages that may wait
	patience = 10 * time.Second // for one of them
	kept     = 300              // bytes of what a command says, for the log
)

// Hook is a target and what waits for it.
type Hook struct {
	target string
	log    *slog.Logger
	queue  chan []byte
	over   chan struct{} // closed when all was told
}

// Check says what is wrong with a target.
func Check(target string) error {
	if !remote(target) {
		if strings.TrimSpace(target) == "" {
			return fmt.Errorf("%q is neither an address nor a command", target)
		}
		return nil
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q is no address, as https://host/path", target)
	}
	return nil
}

func remote(target string) bool {
	return strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")
}

// New makes a hook to an address (http://, https://) or a command, which the
// shell runs. Close ends it.
func New(target string, log *slog.Logger) *Hook {
	h := &Hook{target: target, log: log, queue: make(chan []byte, waiting), over: make(chan struct{})}
	go func() {
		defer close(h.over)
		for body := range h.queue {
			if err := h.tell(body); err != nil {
				h.log.Warn("what happened could not be told", "to", shown(target), "error", err)
			}
		}
	}()
	return h
}

// Fire has v told as JSON.
func (h *Hook) Fire(v any) {
	body, err := json.Marshal(v)
	if err != nil {
		h.log.Error("what happened could not be encoded", "error", err)
		return
	}
	select {
	case h.queue <- append(body, '\n'):
	default:
		h.log.Warn("what happened is not told: too much waits", "to", shown(h.target), "waiting", waiting)
	}
}

// Close waits until what waits was told, for as long as one message may take.
// Nothing may be fired afterwards.
func (h *Hook) Close() {
	close(h.queue)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-h.over:
	case <-late.C:
	}
}

func (h *Hook) tell(body []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if remote(h.target) {
		return post(ctx, h.target, body)
	}
	return run(ctx, h.target, body)
}

func post(ctx context.Context, target string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if u, ok := err.(*url.Error); ok {
		return u.Err // without the address, which may have a secret in it
	}
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection serves again
	if answer.StatusCode >= 300 {
		return fmt.Errorf("the answer is %s", answer.Status)
	}
	return nil
}

func run(ctx context.Context, command string, body []byte) error {
	c := exec.CommandContext(ctx, "sh", "-c", command)
	c.Stdin = bytes.NewReader(body)
	said := &head{}
	c.Stdout, c.Stderr = said, said
	c.WaitDelay = time.Second // for what it started and left behind
	err := c.Run()
	if err != nil && said.Len() > 0 {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	return err
}

// head keeps the beginning of what is written.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), max(0, kept-h.Len()))])
	return len(p), nil
}

// shown is a target for the log: of an address the host alone, as a path may be
// a secret.
func shown(target string) string {
	if u, err := url.Parse(target); err == nil && remote(target) {
		return u.Scheme + "://" + u.Host
	}
	return target
}
