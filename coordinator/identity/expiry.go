package identity

import "time"

// Expires is when the certificate that is shown to peers now expires.
func (c *Credentials) Expires() time.Time { return c.certificate().Leaf.NotAfter }
