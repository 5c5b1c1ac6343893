package web

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits on what one client may hold. Answers are small and made in memory, so
// a client that needs longer is stuck or means harm.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 60 * time.Second
	leaveTimeout  = 500 * time.Millisecond // for answers under way when the process leaves
	headerBytes   = 16 << 10
)

// Serve answers requests on listener with handler until ctx is done, then
// lets answers under way end, closes the listener and returns nil. Any other
// end is an error.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          serverLog(handler),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("status page on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	if err := server.Shutdown(leave); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("status page on %s: leaving: %w", listener.Addr(), err)
	}
	return errors.Join(ignoreClosed(server.Close()), ignoreClosed(<-failed))
}

// ignoreClosed drops the errors that say a server was closed as asked.
func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// serverLog sends the server's own complaints (a bad request line, a failed
// accept) to the log that New was given.
func serverLog(handler http.Handler) *log.Logger {
	logger := slog.New(slog.DiscardHandler)
	if s, ok := handler.(*Site); ok {
		logger = s.log
	}
	return slog.NewLogLogger(logger.Handler(), slog.LevelDebug)
}
