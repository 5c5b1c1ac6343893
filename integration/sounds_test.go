package integration

import (
	le "encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
)

// soundFile is a small run of a network that hears, with all that is random in it: sounds are changed, the spectrogram is
// masked, units are dropped out, and rows are of different lengths.
const soundFile = `name: sounds
model:
  kind: sound-classifier
  classes: 3
  samples: 1400
  mels: 16
  channels: 8
  kernel: 3
  hidden: 8
  layers: 2
  dropout: 0.3
  band_masks: 1
  time_masks: 1
data:
  train: tones/train
  valid: tones/valid
  augment: speed 0.8..1.25, noise 15..30, shift 0.2
batch: {global: 12, lanes: 6}
optimizer: {kind: adamw, lr: 0.01, weight_decay: 0.01}
schedule: {kind: constant}
steps: 12
eval: {every: 6}
checkpoint: {every: 5, keep: 9}
`

// tones writes sounds of three pitches, 60 to learn and 15 that are held out.
func (l *Lab) tones() {
	l.t.Helper()
	for i := range 75 {
		pitch, n := i%3, 700+i*131%900 // some are longer than the network has room for, once they are played slowly
		data := make([]byte, 2*n)
		for k := range n {
			phase := float64(k*(300<<pitch+i)%8000) / 8000
			v := 8000 * math.Sin(2*math.Pi*phase) // a test's sounds need not have the same bits everywhere
			le.LittleEndian.PutUint16(data[2*k:], uint16(int16(v)))
		}
		head := []byte("RIFF____WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data____")
		le.LittleEndian.PutUint32(head[4:], uint32(36+2*n))
		le.LittleEndian.PutUint32(head[40:], uint32(2*n))
		l.Write(fmt.Sprintf("raw/%d_%02d.wav", pitch, i), string(head)+string(data))
	}
	l.Must("shard", "sounds", "--out", "tones", "--class", `^(\d)_`, "--held-out-match", `_(6\d|7\d)\.wav$`, "raw")
}

// TestSoundDigest is the promise for networks over sequences: workers, threads, passes and instruction sets do not show,
// nor does going on from a checkpoint; what is done to the sounds does.
func TestSoundDigest(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.tones()
	l.Write("run.yaml", soundFile)
	train := func(env []string, dir string, more ...string) Result {
		r := l.StartEnv(env, trainArgs(dir, more...)...).Wait()
		if r.Code != 0 {
			t.Fatalf("%s: exit status %d\n%s%s", dir, r.Code, r.Stdout, r.Stderr)
		}
		return r
	}
	r := train(nil, "one", "--workers", "1", "--threads", "1")
	want := l.Digest("one")
	for _, part := range []string{want, "bits/sound, ", " % right", "sound/s", "rondo eval one --data tones/valid"} {
		if !strings.Contains(r.Stdout, part) {
			t.Errorf("%q is not in the summary:\n%s", part, r.Stdout)
		}
	}
	for i, c := range []struct {
		env  []string
		args []string
	}{
		{nil, []string{"--workers", "2", "--threads", "3"}},
		{nil, []string{"--workers", "3", "--passes", "2"}},
		{nil, []string{"--workers", "5"}},
		{[]string{"GOMAXPROCS=1"}, []string{"--workers", "1", "--set", "eval.every=0"}},
		{[]string{"RONDO_TIER=go"}, []string{"--workers", "2"}},
		{[]string{"RONDO_TIER=avx2"}, []string{"--workers", "2"}},
	} {
		dir := fmt.Sprintf("other-%d", i)
		train(c.env, dir, c.args...)
		if got := l.Digest(dir); got != want {
			t.Errorf("%v %v: digest %s, one worker has %s", c.env, c.args, got, want)
		}
	}
	// Plain Go computes fused multiply-adds exactly, and slowly: two steps will do.
	train(nil, "fast", "--set", "steps=2")
	train([]string{"RONDO_TIER=go"}, "slow", "--workers", "3", "--set", "steps=2")
	if got, want := l.Digest("slow"), l.Digest("fast"); got != want {
		t.Errorf("plain Go: digest %s, otherwise %s", got, want)
	}

	train(nil, "halved", "--set", "steps=5")
	train(nil, "halved", "--workers", "3", "--resume")
	if got := l.Digest("halved"); got != want {
		t.Errorf("gone on from step 5: digest %s, otherwise %s", got, want)
	}
	for i, set := range []string{"data.augment=speed 0.8..1.25, noise 15..30", "model.time_masks=0", "model.band_masks=0", "model.dropout=0.2"} {
		dir := fmt.Sprintf("less-%d", i)
		train(nil, dir, "--workers", "2", "--set", set)
		if l.Digest(dir) == want {
			t.Errorf("%s does not show in the digest", set)
		}
	}
	if out := l.Must("eval", "one", "--data", "tones/valid"); !strings.Contains(out, "over 15 sounds") {
		t.Errorf("rondo eval says\n%s", out)
	}
	l.WantError("pictures are not heard", l.train("x", "--set", "data.augment=flip"), 1, "data.train", "holds sounds, and data.augment is for")
	l.WantError("more classes", l.train("x", "--set", "model.classes=2"), 1, "has 3 classes, and the network tells 2 apart; raise model.classes")
}
