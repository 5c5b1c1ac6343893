package integration

import "testing"

// TestWinograd is the promise with convolutions by Winograd's method: other bits
// than direct ones have, and the same from everybody. A run does not go on by
// another method.
func TestWinograd(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("images.yaml", imageFile)
	train := func(env []string, dir string, more ...string) string {
		args := append([]string{"train", "images.yaml", "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=" + dir,
			"--set", "steps=2", "--set", "data.valid="}, more...)
		if r := l.StartEnv(env, args...).Wait(); r.Code != 0 {
			t.Fatalf("%s: exit status %d\n%s%s", dir, r.Code, r.Stdout, r.Stderr)
		}
		return l.Digest(dir)
	}
	const winograd = "convolution=winograd"
	want := train(nil, "one", "--set", winograd, "--workers", "1", "--threads", "1")
	for dir, got := range map[string]string{
		"three":    train(nil, "three", "--set", winograd, "--workers", "3", "--passes", "2"),
		"plain go": train([]string{"RONDO_TIER=go"}, "go", "--set", winograd, "--workers", "2"),
	} {
		if got != want {
			t.Errorf("%s: digest %s, one worker has %s", dir, got, want)
		}
	}
	if train(nil, "direct", "--workers", "1") == want {
		t.Error("the method does not show in the digest")
	}
	r := l.Run("train", "images.yaml", "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=one", "--set", "steps=2", "--set", "data.valid=", "--resume")
	l.WantError("another method", r, 1, "convolution: winograd and absent")
}
