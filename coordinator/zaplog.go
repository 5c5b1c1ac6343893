package coordinator

import (
	"context"
	"log/slog"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// zapTo gives etcd a logger that writes its errors to log, and nothing else. A
// fatal line is an error like any other: it does not end the process.
func zapTo(log *slog.Logger) *zap.Logger {
	return zap.New(zapCore{log.With("part", "etcd")}, zap.WithFatalHook(goOn{}))
}

// goOn is what happens after a fatal line: nothing.
type goOn struct{}

func (goOn) OnWrite(*zapcore.CheckedEntry, []zapcore.Field) {}

// zapCore passes entries on to slog.
type zapCore struct{ log *slog.Logger }

func (c zapCore) Enabled(level zapcore.Level) bool { return level >= zapcore.ErrorLevel }

func (c zapCore) With(fields []zapcore.Field) zapcore.Core {
	return zapCore{c.log.With(attributes(fields)...)}
}

func (c zapCore) Check(e zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return checked.AddCore(e, c)
	}
	return checked
}

func (c zapCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	c.log.Log(context.Background(), slog.LevelError, e.Message, attributes(fields)...)
	return nil
}

func (c zapCore) Sync() error { return nil }

func attributes(fields []zapcore.Field) []any {
	encoded := zapcore.NewMapObjectEncoder()
	var attrs []any
	for _, f := range fields {
		f.AddTo(encoded)
		if value, ok := encoded.Fields[f.Key]; ok {
			attrs = append(attrs, slog.Any(f.Key, value))
		}
	}
	return attrs
}
