package cutting

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/files"
)

// member is a member of a tar; content nil is a directory.
type member struct {
	name    string
	content []byte
}

func archive(t testing.TB, format tar.Format, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.content)), Format: format}
		if m.content == nil {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTar(t *testing.T) {
	long := strings.Repeat("long/", 36) + "name-of-two-hundred"
	for _, format := range []tar.Format{tar.FormatPAX, tar.FormatGNU} {
		for _, gz := range []bool{false, true} {
			b := archive(t, format,
				member{"a.v1/", nil}, member{"a.v1/22.0/1.1.png", square(1, 1)}, member{"a.v1/22.0/1.1.cls", []byte("0\n")},
				member{"x.seg.png", square(1, 9)}, member{"x.cls", []byte("\ufeff2")}, member{"x.png", square(1, 2)}, member{"x.json", []byte("{}")},
				member{"._1.jpg", []byte("x")}, member{long + ".PNG", square(1, 3)}, member{long + ".cls", []byte("1")}, member{"README", []byte("x")})
			if gz {
				b = gzipOf(b)
			}
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			put(t, filepath.Join(dir, "in", "a.tar"), b)
			sum, err := Tar(TarOptions{Options: Options{Out: out}}, []string{filepath.Join(dir, "in")})
			if err != nil || !slices.Equal(sum.Classes, []string{"0", "1", "2"}) || files.Tally(sum.LeftOut) != "1 hidden, 1 no dot in the name" {
				t.Fatalf("%v: %+v, %v", format, sum, err)
			}
			train, _, _ := all(t, out)
			for i, want := range []struct {
				name  string
				grey  byte
				class int32
			}{{"a.v1/22.0/1", 1, 0}, {"x", 2, 2}, {long, 3, 1}} {
				if s := train[i]; string(s[2].Data) != want.name || s[0].Data[0] != want.grey || s[1].Int32s()[0] != want.class {
					t.Errorf("%v: sample %d is %s, %v, %v", format, i, s[2].Data, s[0].Data, s[1].Int32s())
				}
			}
		}
	}
}

// Every sample that is not whole is named with the reason.
func TestTarOrphans(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	b := archive(t, tar.FormatPAX,
		member{"label.cls", []byte("1")}, member{"picture.png", square(1, 1)},
		member{"twice.png", square(1, 1)}, member{"twice.png", square(1, 1)}, member{"twice.cls", []byte("0")},
		member{"two.png", square(1, 1)}, member{"two.jpg", photo()}, member{"two.cls", []byte("0")},
		member{"bad.png", square(1, 1)[:20]}, member{"bad.cls", []byte("0")},
		member{"none.png", square(1, 1)}, member{"none.cls", []byte(" ")},
		member{"good.png", square(1, 1)}, member{"good.cls", []byte("cat")},
		member{"picture.cls", []byte("0")})
	put(t, filepath.Join(dir, "a.tar"), b)
	_, err := Tar(TarOptions{Options: Options{Out: out}}, []string{filepath.Join(dir, "a.tar")})
	var unread *UnreadableError
	if !errors.As(err, &unread) {
		t.Fatal(err)
	}
	wants := []string{
		"a.tar:label: unreadable: no picture, only cls", "a.tar:picture: unreadable: no class (cls), only png", "a.tar:twice: unreadable: png is there twice",
		"a.tar:two: unreadable: more than one picture: png, jpg", "a.tar:bad: unreadable: damaged PNG: cut short", "a.tar:none: unreadable: its class is empty",
		"a.tar:picture: unreadable: the name was there before",
	}
	if len(unread.List) != len(wants) {
		t.Errorf("%v", unread.List)
	}
	for i, l := range unread.List {
		if !strings.Contains(l.Error(), wants[i]) {
			t.Errorf("%v, want %q", l, wants[i])
		}
	}
	wantNothing(t, "orphans", out)
	sum, err := Tar(TarOptions{Options: Options{Out: out, SkipUnreadable: true}}, []string{filepath.Join(dir, "a.tar")})
	if err != nil || sum.Train.Samples != 1 || fmt.Sprint(sum.Classes) != "[0 1 cat]" {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestTarRefuses(t *testing.T) {
	whole := archive(t, tar.FormatPAX, member{"a.png", square(9, 1)}, member{"a.cls", []byte("1")})
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"cut", whole[:530], "a.tar: a.png: damaged tar"},
		{"cut between members", whole[:1024], "a.tar: cut short"},
		{"cut between members, packed", gzipOf(whole[:1024]), "a.tar: cut short"},
		{"cut in a header", whole[:100], "a.tar: damaged tar"},
		{"no tar", bytes.Repeat([]byte("x"), 2000), "a.tar: damaged tar"},
		{"gzip cut", gzipOf(whole)[:100], "damaged tar"},
	} {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "a.tar"), c.b)
		_, err := Tar(TarOptions{Options: Options{Out: filepath.Join(dir, "out")}}, []string{dir})
		if err == nil || !strings.Contains(err.Error(), c.want) && !strings.Contains(err.Error(), "a.tar: damaged tar") {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		wantNothing(t, c.name, filepath.Join(dir, "out"))
	}
	if _, err := Tar(TarOptions{Options: Options{Out: t.TempDir() + "/out"}}, []string{t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no tar in") {
		t.Errorf("no tar: %v", err)
	}
}

// Without any class there is one error rather than one a sample.
func TestTarWithoutClasses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tar")
	put(t, path, archive(t, tar.FormatPAX, member{"x.png", square(1, 1)}, member{"y.png", square(1, 1)}))
	_, err := Tar(TarOptions{Options: Options{Out: t.TempDir() + "/out"}}, []string{path})
	if err == nil || !strings.Contains(err.Error(), "no sample has a class; the first: "+path+":x: no class (cls), only png") {
		t.Error(err)
	}
}

// A field of a sample may be the mask of its picture.
func TestTarMasks(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	put(t, filepath.Join(dir, "a.tar"), archive(t, tar.FormatPAX,
		member{"x.seg.png", greyPNG([]byte{9, 7}, []byte{255, 9})}, member{"x.png", square(2, 1)},
		member{"y.png", square(2, 2)}, member{"y.seg.png", square(3, 7)}, member{"z.png", square(2, 2)}))
	opts := TarOptions{Options: Options{Out: out}, MaskField: "seg.png", MaskValues: MaskOptions{Values: []int{7, 9}, Ignore: []int{255}}}
	_, err := Tar(opts, []string{dir})
	var unread *UnreadableError
	if !errors.As(err, &unread) || len(unread.List) != 2 {
		t.Fatal(err)
	}
	for i, want := range []string{"a.tar:y: unreadable: 2×2 pixels, and its mask seg.png has 3×3", "a.tar:z: unreadable: no mask seg.png, only png"} {
		if got := unread.List[i].Error(); !strings.Contains(got, want) {
			t.Errorf("%s, want %q", got, want)
		}
	}
	opts.SkipUnreadable = true
	sum, err := Tar(opts, []string{dir})
	if err != nil || fmt.Sprint(sum.Classes) != "[7 9]" {
		t.Fatalf("%+v, %v", sum, err)
	}
	if train, _, _ := all(t, out); len(train) != 1 || !bytes.Equal(train[0][1].Data, []byte{1, 0, NoPixelClass, 1}) {
		t.Errorf("%v", train)
	}
	opts.MaskValues.Values, opts.Overwrite = nil, true
	if _, err := Tar(opts, []string{dir}); err == nil || !strings.Contains(err.Error(), "--mask-values") {
		t.Error(err)
	}
}

// What a sample of many members holds is bounded: a class that is too long is no class, rather than its beginning.
func TestTarBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tar")
	members := []member{{"long.cls", []byte(strings.Repeat("1", 5000))}, {"full.png", make([]byte, 600)}, {"full.seg.png", make([]byte, 600)}, {"full.cls", []byte("1")}}
	for i := range 50_000 {
		members = append(members, member{fmt.Sprintf("many.%d", i), []byte{}})
	}
	put(t, path, archive(t, tar.FormatGNU, members...))
	groups, err := openTar(path)
	if err != nil {
		t.Fatal(err)
	}
	defer groups.close()
	groups.most = 1000
	for _, want := range []string{
		"cls is larger than the 4096 bytes that it may have", "seg.png is larger than the 400 bytes that it may have", "no class (cls), only 0, 1, 2, 3, 4 and 49995 more",
	} {
		g, err := groups.next(true)
		if err != nil {
			t.Fatal(err)
		}
		if class, err := g.class(); err == nil || err.Error() != want {
			t.Errorf("%s: class %.20q, %v, want %q", g.key, class, err, want)
		}
	}
}
