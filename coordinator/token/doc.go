// Package token is the text by which a process shows that it belongs to a cluster, before it has a certificate.
//
// # The text
//
// A token is ID.SECRET or ID.SECRET.HASH on one line:
//
//	wq3kd7ma.PZ3XH5VQ2LM7RBTK6YNCW4DJEA.9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//
// The ID is public: logs and lists name tokens by it. The SECRET is never printed, logged or sent. Package enrol proves
// it. Its key is what two who prove it to each other compute with, and what the record keeps. HASH is that of the
// authority that the other side must have (identity.Authority.Hash): with it a worker makes sure of the authority before
// it says anything, without it coordinator and worker prove the secret to each other.
//
// Somebody who looks on could try out secrets at leisure, so a secret must be one that nobody can guess: a random one of
// 128 bits at least. Parse refuses what is visibly shorter. New makes one of 130 bits.
//
// # The record
//
// A Record is what coordinators keep of a token: its key, what it is for, and when it ends. One that has been
// revoked, or has expired, is kept for a while so that whoever shows it can be told which it was.
package token
