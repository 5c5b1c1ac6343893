package enrol

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/token"
)

// Who proves a secret.
const (
	byCoordinator = "rondo-join coordinator"
	byWorker      = "rondo-join worker"
)

// prove computes the proof that whoever is at this end of a connection knows the key.
func prove(key token.Key, who string, s tls.ConnectionState, parts ...[]byte) ([]byte, error) {
	binding, err := s.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32)
	if err != nil {
		return nil, fmt.Errorf("the channel has no binding: %w", err)
	}
	mac := hmac.New(sha256.New, key[:])
	for _, part := range append([][]byte{[]byte(who), binding}, parts...) {
		var size [4]byte
		binary.BigEndian.PutUint32(size[:], uint32(len(part)))
		mac.Write(size[:]) // so that no byte can count for another part
		mac.Write(part)
	}
	return mac.Sum(nil), nil
}

// proven compares a proof in constant time.
func proven(proof []byte, key token.Key, who string, s tls.ConnectionState, parts ...[]byte) (bool, error) {
	want, err := prove(key, who, s, parts...)
	return err == nil && hmac.Equal(proof, want), err
}

func newNonce() []byte {
	nonce := make([]byte, nonceBytes)
	rand.Read(nonce) // never fails
	return nonce
}
