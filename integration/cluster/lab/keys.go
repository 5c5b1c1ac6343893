package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// users of the API by their tokens, which are their names: whoever can read them is
// in these namespaces.
var users = []struct{ token, user, group string }{
	{"admin", "admin", "system:masters"},
	{"node0", "system:node:node0", "system:nodes"},
	{"node1", "system:node:node1", "system:nodes"},
}

// writeKeys makes the API server's certificate, the key of service accounts, the
// tokens and a kubeconfig for each of the users.
func (c *Cluster) writeKeys() error {
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cluster"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, authority.Public(), authority)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kube-apiserver"},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"kubernetes.default.svc", "kubernetes.default", "kubernetes", "localhost"},
		// The first address of the range of services is the API's own service.
		IPAddresses: []net.IP{net.ParseIP(apiAddress), net.ParseIP("10.96.0.1"), net.ParseIP("127.0.0.1")},
	}
	serverDER, err := x509.CreateCertificate(rand.Reader, server, ca, key.Public(), authority)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	accounts, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	var tokens string
	for _, u := range users {
		tokens += fmt.Sprintf("%s,%s,%s,%s\n", u.token, u.user, u.user, u.group)
	}
	for name, text := range map[string][]byte{
		"ca.crt":       block("CERTIFICATE", caDER),
		"api.crt":      block("CERTIFICATE", serverDER),
		"api.key":      block("PRIVATE KEY", keyDER),
		"accounts.key": block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(accounts)),
		"tokens.csv":   []byte(tokens),
	} {
		if err := os.WriteFile(filepath.Join(c.Dir, "keys", name), text, 0o600); err != nil {
			return err
		}
	}
	for _, u := range users {
		if err := os.WriteFile(c.Kubeconfig(u.token), fmt.Appendf(nil, kubeconfig, apiAddress, filepath.Join(c.Dir, "keys/ca.crt"), u.token), 0o600); err != nil {
			return err
		}
	}
	c.API, err = newAPI("https://"+apiAddress+":6443", caDER, "admin")
	return err
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// Context is the only one of every kubeconfig.
const Context = "lab"

const kubeconfig = `apiVersion: v1
kind: Config
current-context: lab
clusters: [{name: lab, cluster: {server: "https://%s:6443", certificate-authority: %s}}]
contexts: [{name: lab, context: {cluster: lab, user: lab}}]
users: [{name: lab, user: {token: %s}}]
`

// Kubeconfig is the file of a user: admin, or a node by its name.
func (c *Cluster) Kubeconfig(user string) string {
	return filepath.Join(c.Dir, "keys", user+".kubeconfig")
}
