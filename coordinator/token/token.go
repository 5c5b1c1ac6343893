package token

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Sizes of the parts of a token.
const (
	minSecret = 26 // of 32 characters: 130 bits. In hexadecimal, 26 digits are 104
	maxSecret = 128
	minKinds  = 8 // different characters of a secret: fewer are no random text
	maxText   = 512
)

var (
	ids     = regexp.MustCompile(`^[A-Za-z0-9_-]{3,40}$`)
	secrets = regexp.MustCompile(`^[A-Za-z0-9_+/=-]+$`)
	hashes  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// A Token lets its holder join. Printing one shows its ID alone.
type Token struct {
	ID     string
	Hash   string // of the authority that coordinators must have; empty: not known
	secret string
}

// New makes a token for whoever trusts the authority of a hash.
func New(hash string) Token {
	return Token{ID: strings.ToLower(rand.Text()[:8]), Hash: hash, secret: rand.Text()}
}

// Parse reads the text of a token. An error says what is wrong with it, and nothing of the secret.
func Parse(text string) (Token, error) {
	if len(text) > maxText {
		return Token{}, fmt.Errorf("a token of %d bytes; want ID.SECRET or ID.SECRET.HASH, of at most %d", len(text), maxText)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 2 && len(parts) != 3 {
		return Token{}, fmt.Errorf("%d parts between dots; want ID.SECRET or ID.SECRET.HASH", len(parts))
	}
	t := Token{ID: parts[0], secret: parts[1]}
	if len(parts) == 3 {
		t.Hash = strings.ToLower(parts[2])
	}
	switch {
	case !ids.MatchString(t.ID):
		return Token{}, errors.New("the ID before the first dot: want 3 to 40 letters, digits, '-' and '_'")
	case len(t.secret) < minSecret || len(t.secret) > maxSecret:
		return Token{}, fmt.Errorf("the secret of token %s has %d characters; want %d to %d random ones, as `openssl rand -hex 16` prints them", t.ID, len(t.secret), minSecret, maxSecret)
	case !secrets.MatchString(t.secret):
		return Token{}, fmt.Errorf("the secret of token %s: want letters, digits and none but the signs - _ + / =", t.ID)
	case kinds(t.secret) < minKinds:
		return Token{}, fmt.Errorf("the secret of token %s has fewer than %d different characters: it is not random, and could be guessed", t.ID, minKinds)
	case len(parts) == 3 && !hashes.MatchString(t.Hash):
		return Token{}, fmt.Errorf("the hash of token %s, behind the second dot: want 64 hexadecimal digits", t.ID)
	}
	return t, nil
}

// CheckID says what is wrong with the ID of a token.
func CheckID(id string) error {
	if !ids.MatchString(id) {
		return fmt.Errorf("%.40q is no ID of a token: want 3 to 40 letters, digits, '-' and '_'", id)
	}
	return nil
}

// kinds counts the different characters of a text.
func kinds(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// Text is the whole token, secret included: what Parse reads.
func (t Token) Text() string {
	text := t.ID + "." + t.secret
	if t.Hash != "" {
		text += "." + t.Hash
	}
	return text
}

// String names the token by its ID.
func (t Token) String() string { return t.ID }

// GoString names the token by its ID, too.
func (t Token) GoString() string { return "token " + t.ID }

// Key is what proofs of a token are computed with.
type Key [sha256.Size]byte

// Key is the token's: of its secret, bound to its ID.
func (t Token) Key() Key { return sha256.Sum256([]byte("rondo token\x00" + t.ID + "\x00" + t.secret)) }
