package cluster

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestCertificates trains with component cert-manager: certificates in the place of tokens, an operator's too. Its controller does not run
// here: the API server takes its objects, and the Secrets that they would become are made by hand, with the same keys.
func TestCertificates(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "certificates"}
	r.define()
	r.kubectl("create", "namespace", r.ns)
	dir := filepath.Join(t.TempDir(), "certs")
	r.rondo("certs", "--out", dir)
	for _, role := range []string{"coordinator", "worker"} {
		r.tlsSecret("rondo-"+role+"-tls", filepath.Join(dir, "ca.pem"), filepath.Join(dir, role))
	}
	o := r.overlay("dev", strings.Replace(shortRun, "steps: 200", "steps: 3000", 1), with("cert-manager"))
	r.begin(o)
	tls := []string{"--tls-ca", filepath.Join(dir, "ca.pem"), "--tls-cert", filepath.Join(dir, "operator.pem"), "--tls-key", filepath.Join(dir, "operator-key.pem")}
	out, err := r.byContext(c.Kubeconfig("admin"), append([]string{"checkpoint"}, tls...)...)
	if err != nil || !strings.Contains(out, "a checkpoint follows") {
		t.Errorf("rondo checkpoint with an operator's certificate: %v\n%s", err, out)
	}
	s, _ := r.wait("end of the run", func(s status) bool { return s.Phase == "finished" })
	r.wantNoRestarts()
	r.wantDigest(o.runFile, newest(s))
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
}

// tlsSecret makes a Secret as cert-manager makes it, from one of the pairs of files that `rondo certs` writes.
func (r *training) tlsSecret(name, ca, pair string) {
	r.t.Helper()
	r.kubectl("create", "secret", "generic", name, "--from-file=ca.crt="+ca, "--from-file=tls.crt="+pair+".pem", "--from-file=tls.key="+pair+"-key.pem")
}
