package check

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	apps "k8s.io/api/apps/v1"
)

// Certificates have the names that Rondo asks for, and those by which members of etcd are reached, from an authority of the
// namespace; both ends show the same one.
func TestCertificates(t *testing.T) {
	for _, v := range []variant{{"prod", []string{"cert-manager"}}, {"spot", []string{"cert-manager"}}, {"dev", []string{"cert-manager"}}} {
		objects := build(t, v)
		issuers := map[string]string{} // and the Secret of their authority
		for _, i := range all[certmanager.Issuer](objects) {
			issuers[i.Name] = ""
			if i.Spec.CA != nil {
				issuers[i.Name] = i.Spec.CA.SecretName
			}
		}
		names := map[string][]string{} // by Secret
		for _, c := range all[certmanager.Certificate](objects) {
			authority, there := issuers[c.Spec.IssuerRef.Name]
			if !there || c.Spec.IsCA != (authority == "") {
				t.Errorf("%v: Certificate %s is from %+v", v, c.Name, c.Spec.IssuerRef)
			}
			if c.Spec.IsCA {
				names[c.Spec.SecretName] = nil
				continue
			}
			if _, made := names[authority]; !made {
				t.Errorf("%v: Certificate %s is from the authority in Secret %s, which nobody has made before", v, c.Name, authority)
			}
			if !slices.Contains(c.Spec.Usages, certmanager.UsageServerAuth) || !slices.Contains(c.Spec.Usages, certmanager.UsageClientAuth) {
				t.Errorf("%v: Certificate %s is for %v", v, c.Name, c.Spec.Usages)
			}
			names[c.Spec.SecretName] = c.Spec.DNSNames
		}
		for _, role := range []string{"coordinator", "worker", "operator"} {
			for _, name := range []string{"rondo", role + ".rondo"} { // as coordinator/identity has them
				if !slices.Contains(names["rondo-"+role+"-tls"], name) {
					t.Errorf("%v: the %s's certificate has no name %s: %v", v, role, name, names["rondo-"+role+"-tls"])
				}
			}
		}
		for _, host := range etcdHosts(t, objects) {
			if !slices.Contains(names["rondo-etcd-tls"], host) {
				t.Errorf("%v: etcd's certificate has no name %s: %v", v, host, names["rondo-etcd-tls"])
			}
		}
	}
}

// etcdHosts are the hosts in the addresses of etcd's members, and in those that coordinators are given.
func etcdHosts(t *testing.T, objects []object) (hosts []string) {
	t.Helper()
	add := func(address string) {
		at, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, at.Hostname())
	}
	for _, p := range podsOf(objects) {
		if address := flagOf(p.Spec.Containers[0], "--etcd"); address != "" {
			add(address)
		}
	}
	for _, s := range all[apps.StatefulSet](objects) {
		args := s.Spec.Template.Spec.Containers[0].Args
		for _, flag := range []string{"--advertise-client-urls", "--initial-advertise-peer-urls"} {
			raw := rawFlag(args, flag)
			if !strings.Contains(raw, "$(POD_NAME)") {
				t.Errorf("%s: %s=%s is the same of all members", s.Name, flag, raw)
			}
			for i := range int(*s.Spec.Replicas) {
				add(strings.ReplaceAll(raw, "$(POD_NAME)", fmt.Sprintf("%s-%d", s.Name, i)))
			}
		}
		members := strings.Split(rawFlag(args, "--initial-cluster"), ",")
		if len(members) != int(*s.Spec.Replicas) {
			t.Errorf("%s: %d members, and %q", s.Name, *s.Spec.Replicas, members)
		}
		for _, m := range members {
			_, address, _ := strings.Cut(m, "=")
			add(address)
		}
	}
	return hosts
}

// rawFlag is what stands behind a flag, its variables as they are.
func rawFlag(args []string, name string) string {
	for _, arg := range args {
		if flag, text, _ := strings.Cut(arg, "="); flag == name {
			return text
		}
	}
	return ""
}
