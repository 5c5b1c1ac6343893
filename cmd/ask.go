package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// askTimeout bounds one question to a coordinator.
const askTimeout = 10 * time.Second

// silentError says that no coordinator answered.
type silentError struct{ text string }

func (e *silentError) Error() string { return e.text }

// explain says what to do when none of the coordinators answered that the user has named.
func (s *steerFlags) explain(err error) error {
	if _, silent := errors.AsType[*silentError](err); silent && len(s.addrs) > 0 {
		return fmt.Errorf("%w; is it running? Any coordinator of the cluster will do: give another's address, or several with commas between", err)
	}
	return err
}

// joinOnce gets an operator's certificate for one command from the first coordinator that gives one, whose address it returns.
func joinOnce(ctx context.Context, addrs []string, file string, log *slog.Logger) ([]string, *identity.Credentials, error) {
	if _, err := readToken(file); err != nil {
		return nil, nil, &usageError{err}
	}
	warnOfReaders(log, "token-file", file)
	share := askTimeout / time.Duration(len(addrs)) // one that hangs leaves the others their time
	var silent []string
	var refusal error
	for _, addr := range addrs {
		creds, err := joinAt(ctx, addr, file, share)
		switch {
		case err == nil && creds.Permit(identity.MaySteer) != nil:
			return nil, nil, &usageError{fmt.Errorf("--token-file: the token is a worker's, and does not steer a run; %s token create --role operator makes one that does", program.Name())}
		case err == nil:
			return []string{addr}, creds, nil
		case enrol.Answered(err):
			refusal = cmp.Or(refusal, err)
		default:
			silent = append(silent, fmt.Sprintf("coordinator %s: %v", addr, err))
		}
	}
	if refusal != nil {
		return nil, nil, refusal
	}
	return nil, nil, &silentError{strings.Join(silent, "; ")}
}

// joinAt asks one coordinator, once.
func joinAt(ctx context.Context, addr, file string, patience time.Duration) (*identity.Credentials, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %v", patience))
	defer cancel()
	m := (&joinFlags{[]string{addr}, file}).member("operator", slog.New(slog.DiscardHandler))
	m.Once = true
	return m.Join(ctx)
}

// dialCoordinators makes a connection to the first of the coordinators that answers.
func dialCoordinators(addrs []string, creds *identity.Credentials) (*grpc.ClientConn, error) {
	var list []resolver.Endpoint
	for _, addr := range addrs {
		list = append(list, resolver.Endpoint{Addresses: []resolver.Address{{Addr: addr}}})
	}
	among := manual.NewBuilderWithScheme("coordinators")
	among.InitialState(resolver.State{Endpoints: list})
	conn, err := grpc.NewClient(among.Scheme()+":///cluster", grpc.WithResolvers(among),
		grpc.WithTransportCredentials(credentials.NewTLS(creds.Client(identity.MayCoordinate))))
	if err != nil {
		return nil, fmt.Errorf("coordinator %s: %w", strings.Join(addrs, ", "), err)
	}
	return conn, nil
}

// coordinatorError says what a coordinator answered, or that none did.
func coordinatorError(addrs []string, err error) error {
	s := status.Convert(err)
	text := fmt.Sprintf("coordinator %s: %s", strings.Join(addrs, ", "), s.Message())
	if s.Code() == codes.Unavailable && strings.Contains(s.Message(), "dial") || s.Code() == codes.DeadlineExceeded {
		return &silentError{text}
	}
	return errors.New(text)
}

// askCoordinator asks the first of the coordinators that answers.
func askCoordinator(ctx context.Context, addrs []string, creds *identity.Credentials, ask func(context.Context, api.CoordinatorClient) (string, error)) (string, error) {
	conn, err := dialCoordinators(addrs, creds)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	text, err := ask(ctx, api.NewCoordinatorClient(conn))
	if err != nil {
		return "", coordinatorError(addrs, err)
	}
	return text, nil
}
