package shard

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rondo-ml/rondo/data/objects/objectstest"
	_ "github.com/rondo-ml/rondo/data/objects/s3"
)

// remoteSet cuts a text into small shards and puts them into a bucket.
func remoteSet(t testing.TB, bytes int) (s *objectstest.Server, text, dir string) {
	t.Helper()
	s = objectstest.New(t)
	text = words(1, bytes)
	file, out := filepath.Join(t.TempDir(), "text.txt"), t.TempDir()
	put(t, file, text)
	if _, err := WriteText(TextOptions{Out: out, ShardBytes: 40_000, BlockBytes: 1000}, []string{file}); err != nil {
		t.Fatal(err)
	}
	s.CopyDir(t, out, "set")
	return s, text, filepath.Join(out, "train")
}

// TestRemoteSet reads a set in a bucket through all that happens to requests, and gets what a directory gives.
func TestRemoteSet(t *testing.T) {
	s, text, dir := remoteSet(t, 200_000)
	n := 0
	s.Interfere(func(r *http.Request) objectstest.Fault {
		n++
		return []objectstest.Fault{{}, {}, {Status: 500}, {}, {}, {}, {Reset: true}, {}, {}, {Half: r.Method == "GET"}, {}}[n%11]
	})
	local, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	set, err := OpenWith(s.Address("set/train"), Options{CacheBlocks: 400})
	if err != nil {
		t.Fatal(err)
	}
	if set.Hash() != local.Hash() || set.Records() != local.Records() || set.Shards() != local.Shards() || !set.Remote() || local.Remote() {
		t.Errorf("the set in the bucket is another: %d shards, %d records", set.Shards(), set.Records())
	}
	records := make([]int64, set.Records())
	for i := range records {
		records[i] = int64(i)
	}
	set.Foresee(records)
	set.ReadAll()
	got := make([]byte, len(text))
	if _, err := set.ReadAt(got, 0); err != nil || !bytes.Equal(got, []byte(text)) {
		t.Errorf("the text differs: %v", err)
	}
	s.Interfere(nil)
	for _, at := range []string{"set", "set/train"} {
		report, err := Verify(s.Address(at))
		if err != nil || len(report.Sets) == 0 || report.Sets[0].Size != set.Size() {
			t.Errorf("%s: %+v, %v", at, report, err)
		}
	}
}

// TestInParallel: after an error nothing more is begun, and the first one in order is returned.
func TestInParallel(t *testing.T) {
	for _, most := range []int{1, 4} {
		var calls atomic.Int32
		err := inParallel(1000, most, func(i int) error {
			calls.Add(1)
			if i >= 5 {
				return fmt.Errorf("%d", i)
			}
			return nil
		})
		if err == nil || err.Error() != "5" {
			t.Errorf("%d at once: the error is %v", most, err)
		}
		if n := int(calls.Load()); n > 5+most {
			t.Errorf("%d at once: %d calls", most, n)
		}
	}
}

// TestRemoteStreams: once its first step was read, a text's rows wait for no request.
func TestRemoteStreams(t *testing.T) {
	s, _, dir := remoteSet(t, 100_000)
	set, err := Open(s.Address("set/train"))
	if err != nil {
		t.Fatal(err)
	}
	local, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	const batch, length = 8, 64
	streams, err := NewStreams(set, batch, length)
	if err != nil {
		t.Fatal(err)
	}
	same, err := NewStreams(local, batch, length)
	if err != nil {
		t.Fatal(err)
	}
	in, target, want := make([]byte, length), make([]byte, length), make([]byte, length)
	for step := range 2 * streams.StepsPerEpoch() {
		for row := range batch {
			streams.Foresee(step, row)
		}
		for row := range batch {
			n, err := streams.Read(step, row, in, target)
			if err != nil {
				t.Fatal(err)
			}
			if m, err := same.Read(step, row, want, target); err != nil || m != n || !bytes.Equal(in, want) {
				t.Fatalf("step %d, row %d: %d pairs and %d, %v", step, row, n, m, err)
			}
		}
	}
	set.cache.mu.Lock() // what was foreseen for later may still be on its way
	defer set.cache.mu.Unlock()
	if loads, blocks := set.cache.loads, len(set.blocks); loads > 2*blocks+2*batch {
		t.Errorf("%d blocks were read %d times in two epochs: some went before they were used", blocks, loads)
	}
}

// TestRemoteDamage: what is wrong is named with its address, and nothing damaged is handed out.
func TestRemoteDamage(t *testing.T) {
	s, _, _ := remoteSet(t, 100_000)
	good, err := Open(s.Address("set/train"))
	if err != nil {
		t.Fatal(err)
	}
	block := good.blocks[3]
	name := filepath.Base(good.paths[0])
	f := good.remote[0].(remoteFile)
	data := make([]byte, f.Size())
	if _, err := f.ReadAt(data, 0); err != nil {
		t.Fatal(err)
	}
	data[block.offset+100] ^= 1
	s.Put(t, "set/train/"+name, data)
	bad, err := Open(s.Address("set/train"))
	if err != nil {
		t.Fatal(err)
	}
	bad.cache.atLeast(len(bad.blocks))
	bad.readRun(run{0, 10}) // keeps what is whole
	if bad.cache.has(3) || !bad.cache.has(2) || !bad.cache.has(4) {
		t.Error("a damaged block was kept, or one that is whole was not")
	}
	var c *CorruptError
	if _, err := bad.Record(block.record); !errors.As(err, &c) || c.Block != 3 || !strings.HasPrefix(c.Shard, "s3://"+s.Bucket) {
		t.Errorf("a damaged block: %v", err)
	}
	if _, err := Verify(s.Address("set/train")); !errors.As(err, &c) || c.Block != 3 {
		t.Errorf("verify: %v", err)
	}
	s.Put(t, "set/train/"+name, data[:len(data)-1])
	if _, err := Open(s.Address("set/train")); !errors.As(err, &c) || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("a shard cut short: %v", err)
	}
	if _, err := Open(s.Address("set")); err == nil || !strings.Contains(err.Error(), "there is one in "+s.Address("set/train")) {
		t.Errorf("the directory above: %v", err)
	}
	if _, err := Open(s.Address("elsewhere")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "set.json last") {
		t.Errorf("no set: %v", err)
	}
	if _, err := Open("s3://no-bucket-of-this-name/train"); err == nil || !strings.Contains(err.Error(), "no such bucket") {
		t.Errorf("no bucket: %v", err)
	}
	s.Interfere(func(*http.Request) objectstest.Fault { return objectstest.Fault{Status: 403, Code: "AccessDenied"} })
	if _, err := Open(s.Address("set/train")); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), s.Bucket) {
		t.Errorf("denied: %v", err)
	}
}
