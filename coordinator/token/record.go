package token

import (
	"fmt"
	"time"
)

// Role is what a token's holder may become.
type Role string

// The roles.
const (
	Worker   Role = "worker"   // a worker of any name
	Operator Role = "operator" // who steers a run
)

// ParseRole reads a role.
func ParseRole(text string) (Role, error) {
	if r := Role(text); r == Worker || r == Operator {
		return r, nil
	}
	return "", fmt.Errorf("the role %.40q: want %s or %s", text, Worker, Operator)
}

// Record is what coordinators keep of a token.
type Record struct {
	ID      string    `json:"id"`
	Key     []byte    `json:"key"`
	Role    Role      `json:"role"`
	Created time.Time `json:"created,omitzero"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Revoked time.Time `json:"revoked,omitzero"` // zero: not
	About   string    `json:"about,omitempty"`
	Uses    int       `json:"uses,omitempty"` // processes of so many names may join by it; 0: of any number
	Used    int       `json:"used,omitempty"` // so many did; told, and not kept with the token
}

// RecordOf is what is kept of a token. A life of 0 never ends.
func RecordOf(t Token, role Role, now time.Time, life time.Duration, about string) Record {
	key := t.Key()
	r := Record{ID: t.ID, Key: key[:], Role: role, Created: now.UTC(), About: about}
	if life > 0 {
		r.Expires = now.Add(life).UTC()
	}
	return r
}

// Valid says why a token does not count, and what to do; nil when it does.
func (r *Record) Valid(now time.Time) error {
	switch {
	case !r.Revoked.IsZero():
		return fmt.Errorf("token %s was revoked at %s: ask for a new one", r.ID, r.Revoked.UTC().Format(time.RFC3339))
	case !r.Expires.IsZero() && !now.Before(r.Expires):
		return fmt.Errorf("token %s expired at %s: ask for a new one", r.ID, r.Expires.UTC().Format(time.RFC3339))
	}
	return nil
}

// State is "valid", "expired" or "revoked".
func (r *Record) State(now time.Time) string {
	switch {
	case r.Valid(now) == nil:
		return "valid"
	case !r.Revoked.IsZero():
		return "revoked"
	}
	return "expired"
}
