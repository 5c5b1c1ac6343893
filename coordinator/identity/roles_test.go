package identity

import (
	"crypto/x509"
	"net"
	"strings"
	"testing"
)

func TestRoles(t *testing.T) {
	for _, tc := range []struct {
		names                                  []string
		coordinate, steer, work0, work1, workX bool
	}{
		{[]string{Role}, false, false, true, true, true},
		{[]string{Role, "node7.example"}, false, false, true, true, true},
		{[]string{Role, WorkerRole}, false, false, true, true, true},
		{[]string{Role, "worker-0.worker.rondo"}, false, false, true, false, false},
		{[]string{Role, "WORKER-0.Worker.rondo", NamedWorker("worker-1")}, false, false, true, true, false},
		{[]string{Role, "worker-0.worker.rondo", WorkerRole}, false, false, true, true, true},
		{[]string{Role, CoordinatorRole}, true, true, false, false, false},
		{[]string{Role, OperatorRole}, false, true, false, false, false},
		{[]string{Role, CoordinatorRole, WorkerRole, OperatorRole}, true, true, true, true, true},
		{[]string{Role, OperatorRole, NamedWorker("worker-1")}, false, true, false, true, false},
		{[]string{Role, "*.rondo", "coordinator.rondo.example", "xcoordinator.rondo"}, false, false, true, true, true},
	} {
		cert := &x509.Certificate{DNSNames: tc.names}
		for what, p := range map[string]struct {
			may   Permission
			want  bool
			lacks string
		}{
			"coordinate":       {MayCoordinate, tc.coordinate, CoordinatorRole},
			"steer":            {MaySteer, tc.steer, OperatorRole},
			"be worker-0":      {MayWork("worker-0"), tc.work0, WorkerRole},
			"be worker-1":      {MayWork("worker-1"), tc.work1, WorkerRole},
			"be a third one":   {MayWork("x"), tc.workX, WorkerRole},
			"be nobody at all": {MayWork(""), tc.workX, WorkerRole},
		} {
			err := p.may(cert)
			if (err == nil) != p.want || err != nil && !strings.Contains(err.Error(), p.lacks) {
				t.Errorf("%v may %s: %v, want %v", tc.names, what, err, p.want)
			}
		}
	}
}

// Who dials a coordinator is not let down by a worker's certificate.
func TestClientNeedsPermission(t *testing.T) {
	a, dir := mustAuthority(t), t.TempDir()+"/tls"
	for name, role := range map[string]string{"worker-0": NamedWorker("worker-0"), "coordinator": CoordinatorRole} {
		p, err := a.Write(dir, name, role)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Load(p.CA, p.Cert, p.Key)
		if err != nil {
			t.Fatal(err)
		}
		own := c.Permit(MayCoordinate)
		if (own == nil) != (name == "coordinator") || own != nil && !strings.Contains(own.Error(), p.Cert) {
			t.Errorf("%s: its own certificate: %v", name, own)
		}
		client := mustCredentials(t, a, dir, "operator").Client(MayCoordinate)
		_, _, err = meet(t, c.Server(), func(conn net.Conn) error { return hello(client)(conn) })
		if (err == nil) != (name == "coordinator") || err != nil && !strings.Contains(err.Error(), `"worker-0" lacks the DNS name "coordinator.rondo"`) {
			t.Errorf("dialling %s: %v", name, err)
		}
	}
}
