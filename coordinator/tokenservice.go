package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// Tokens makes, revokes and lists tokens of the record, and those of this coordinator's files, whoever leads.
func (s *service) Tokens(ctx context.Context, r *api.TokensRequest) (*api.TokensReply, error) {
	if err := s.permit(ctx, "token", identity.MaySteer); err != nil {
		return nil, err
	}
	book := s.c.tokens
	if book == nil {
		return nil, faultf(faultNotNow, "this coordinator takes no tokens: it was started with certificates of its own (--tls-cert)")
	}
	reply := &api.TokensReply{}
	var err error
	switch create := r.GetCreate(); {
	case create != nil:
		n := NewToken{token.Role(create.GetRole()), time.Duration(create.GetLifeNs()), create.GetAbout(), int(create.GetUses())}
		if err := n.Validate(); err != nil {
			return nil, faultf(faultMalformed, "%v", err)
		}
		var made token.Token
		if made, err = book.Create(ctx, n); err == nil {
			reply.Made = made.Text()
			s.c.cfg.Log.Info("a token was made", "token", made.ID, "role", n.Role)
		}
	case r.GetRevoke() != "":
		if err = book.Revoke(ctx, r.GetRevoke()); err == nil {
			s.c.cfg.Log.Info("a token was revoked", "token", r.GetRevoke())
		}
	default:
		reply.Tokens, err = withoutKeys(book.Tokens(ctx))
	}
	if errors.Is(err, enrol.ErrUnknown) {
		return nil, faultf(faultNotNow, "%v", err)
	}
	if err != nil {
		return nil, faultf(faultInternal, "%v", err)
	}
	return reply, nil
}

// withoutKeys are tokens as others see them: without what proves them.
func withoutKeys(all []token.Record, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Key = nil
	}
	return json.Marshal(all)
}
