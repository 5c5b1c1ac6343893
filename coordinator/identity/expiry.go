package identity

import "time"

// Expires is when the certificate that is shown to peers now expires.
func (c *Credentials) Expires() time.Time { return c.certificate().Leaf.NotAfter }

// Over says whether that certificate has expired.
func (c *Credentials) Over() bool { return c.now().After(c.Expires()) }
