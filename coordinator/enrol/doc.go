// Package enrol gives a process with a token its certificate, and renews it.
//
// It speaks on the coordinators' port. Whoever has a certificate meets the gRPC service there, as ever. Whoever asks for
// the protocol "rondo-join/1" in the TLS handshake (ALPN) meets this package, needs no certificate, and can do nothing
// but what follows: a few lines of JSON, after which the connection is closed. Nothing without a certificate
// ever reaches the service.
//
// # Joining
//
//	worker                                         coordinator
//	token's ID, nonce, name ─────────────────────>
//	                        <───────────────────── nonce, authority, proof of the secret
//	proof of the secret, request for a certificate >
//	                        <───────────────────── certificate
//
// A proof is an HMAC-SHA-256 with the token's key over who proves it (so that none can be sent back), the TLS channel's
// binding (tls-exporter, RFC 9266), both nonces, and what is sent along: the authority, the request and the name. A man
// in the middle has two channels, with two bindings, so a proof from one is none in the other; one from an earlier
// connection is none in a later one.
//
// The coordinator proves first. Somebody who only claims to be one learns the ID and the name, and no proof of the
// worker's to try secrets on. Somebody who only claims to be a worker and knows an ID does get a proof; that is why
// secrets are random, and long (package token). Where the token holds the hash of the authority, the worker compares it
// within the handshake, and says nothing at all to another.
//
// The worker's key is made in its process and stays there.
//
// # Renewing
//
// When two thirds of a certificate's life are over, its holder connects in the same way, shows it, and sends a request; no
// token is needed. Open connections stay, and new ones use the new certificate: there is no pause. Only when that fails
// until the certificate has expired, or when coordinators have another authority, is the token used again.
package enrol
