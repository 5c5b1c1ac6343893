package integration

import "testing"

// TestBF16 is the promise in the other precision: rounded operands, on
// instructions made for them or not, and the same digest from everybody.
func TestBF16(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	single := l.finishedRun()
	want := ""
	for _, c := range []struct {
		name string
		env  []string
		args []string
	}{
		{"bf16-one", nil, []string{"--workers", "1", "--threads", "1"}},
		{"bf16-three", nil, []string{"--workers", "3", "--threads", "2"}},
		{"bf16-passes", nil, []string{"--workers", "1", "--passes", "3"}},
		{"bf16-avx2", []string{"RONDO_TIER=avx2"}, []string{"--workers", "2"}},
		{"bf16-go", []string{"RONDO_TIER=go"}, []string{"--workers", "4"}},
	} {
		r := l.StartEnv(c.env, trainArgs(c.name, append(c.args, "--set", "precision=bf16")...)...).Wait()
		if r.Code != 0 {
			t.Fatalf("%s: exit status %d\n%s%s", c.name, r.Code, r.Stdout, r.Stderr)
		}
		got := l.Digest(c.name)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s: digest %s; one worker has %s", c.name, got, want)
		}
	}
	if want == single {
		t.Error("the precision does not show in the digest")
	}
	r := l.train("bf16-one", "--resume")
	l.WantError("another precision", r, 1, "precision: bf16 and float32")
}

// TestMixedTiers lets a worker knock whose arithmetic gives other bits: it is
// refused with the difference, unless the run file allows it.
func TestMixedTiers(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	fast := []string{"RONDO_TIER=go-fast"}

	c := l.StartCluster(2)
	c.StartWorker("worker-0")
	r := l.StartEnv(fast, c.WorkerArgs("worker-1")...).Wait()
	r.Stderr = lastLine(r.Stderr)
	l.WantError("other arithmetic", r, 1, "refuses", "tier: it computes on go-fast and worker-0 on", "mixed_tiers: true")
	c.StartWorker("worker-1")
	c.WantLeft(0)
	exact := l.Digest(c.Dir)

	other := NewLab(t)
	smallRun(other)
	c = other.StartCluster(2, "mixed_tiers=true")
	c.StartWorker("worker-0")
	p := other.StartEnv(fast, c.WorkerArgs("worker-1")...)
	p.WaitOutput(`msg=joined`)
	c.Workers = append(c.Workers, p)
	c.WantLeft(0)
	if other.Digest(c.Dir) == exact {
		t.Error("rounded products give the digest of exact ones")
	}

	// A ring of one kind is as good as any; its checkpoint says what made it.
	r = l.StartEnv(fast, trainArgs("fast", "--workers", "2")...).Wait()
	if r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	if got := l.Digest("fast"); got == exact {
		t.Errorf("rounded products give the digest of exact ones")
	}
	r = l.train("fast", "--resume")
	l.WantError("gone on by other arithmetic", r, 1, "step-000000040 was computed by go-fast, and this process computes by", "RONDO_TIER")
}
