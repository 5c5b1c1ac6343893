package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Options say which of the files found are taken.
type Options struct {
	// Include are patterns in the form of [path.Match]; of the files found in directories only those that match one
	// are taken. A pattern without a slash is held against the file's name, one with a slash against its path within
	// the directory. None means all files but logs. Files named one by one, or by a pattern among the paths, are
	// taken whatever their names.
	Include []string

	// Exclude are patterns of the same form. A file that matches one is left out, also if it was named, and a directory
	// below a named one with all that is in it.
	Exclude []string

	MaxBytes int64    // longer files are left out; 0 means no limit
	Out      []string // directories that are about to be written: never taken for input
}

// File is a regular file to be read.
type File struct {
	Path  string    // to open it
	Key   string    // slash-separated and relative: the same wherever the files lie
	Size  int64     // bytes
	Time  time.Time // of the last change
	Named bool      // by its own path, so that whatever speaks against it is an error
	From  int       // number of the path that led to it

	link bool // Path is a symbolic link
}

// Check says whether the patterns and limits make sense.
func (o Options) Check() error {
	for _, list := range []struct {
		what     string
		patterns []string
	}{{"include", o.Include}, {"exclude", o.Exclude}} {
		for _, p := range list.patterns {
			if _, err := path.Match(p, ""); err != nil {
				return fmt.Errorf("pattern %q of the files to %s: %w", p, list.what, err)
			}
		}
	}
	if o.MaxBytes < 0 {
		return fmt.Errorf("largest file of %d bytes: it must be positive, or 0 for no limit", o.MaxBytes)
	}
	return nil
}

// Find finds the files that paths name, in the order of the paths and, within a directory, of names. It fails where a
// path names nothing, or something that cannot be taken.
func Find(opts Options, paths []string) ([]File, []LeftOut, error) {
	if err := opts.Check(); err != nil {
		return nil, nil, err
	}
	f := &finder{opts: opts, paths: paths, at: map[identity]int{}, seen: map[string]bool{}}
	for _, dir := range opts.Out {
		if info, err := os.Stat(dir); err == nil {
			f.out = append(f.out, info)
		}
	}
	for i, p := range paths {
		f.from = i
		if err := f.path(p); err != nil {
			return nil, nil, err
		}
	}
	if err := f.takeNamed(); err != nil {
		return nil, nil, err
	}
	kept, err := f.withinSize()
	return kept, f.left, err
}

// finder gathers what Find returns.
type finder struct {
	opts  Options
	out   []os.FileInfo // of opts.Out, as far as they are there
	files []File
	at    map[identity]int // places in files
	seen  map[string]bool  // absolute paths that led to one of files
	named []int            // numbers of the paths that are files; their keys wait for the directory they share
	paths []string
	from  int // number of the path that is being taken
	left  []LeftOut
}

func (f *finder) leave(path string, reason Reason, detail string) {
	f.left = append(f.left, LeftOut{Path: path, Reason: reason, Detail: detail, Offset: NoOffset})
}

// path takes one path as the user gave it.
func (f *finder) path(p string) error {
	info, err := os.Stat(p)
	switch {
	case err == nil && info.IsDir():
		return f.root(p, p)
	case err == nil && info.Mode().IsRegular() && f.excluded(filepath.ToSlash(filepath.Clean(p))):
		f.leave(p, Excluded, "")
		return nil
	case err == nil && info.Mode().IsRegular():
		f.named = append(f.named, f.from)
		return nil
	case err == nil:
		return fmt.Errorf("%s is neither a file nor a directory", p)
	case !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(p, `*?[`):
		return fmt.Errorf("cannot read the data: %w", err)
	}
	return f.pattern(p)
}

// pattern takes what a pattern matches. Keys are relative to the part of it without wildcards.
func (f *finder) pattern(p string) error {
	matches, err := filepath.Glob(p)
	if err != nil {
		return fmt.Errorf("pattern %q: %w", p, err)
	}
	if len(matches) == 0 {
		return fmt.Errorf("%q matches no file", p)
	}
	base := filepath.Dir(p[:strings.IndexAny(p, `*?[`)] + "x")
	for _, m := range matches {
		info, err := os.Stat(m)
		switch {
		case strings.HasPrefix(filepath.Base(m), "."):
			f.leave(m, Hidden, "")
		case f.excluded(filepath.ToSlash(m)):
			f.leave(m, Excluded, "")
		case err != nil:
			f.leave(m, NotFile, "a broken link")
			err = nil
		case info.IsDir():
			err = f.found(m, base)
		case info.Mode().IsRegular():
			err = f.add(m, base, false)
		default:
			f.leave(m, NotFile, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeNamed takes the files that were named one by one. Files that share a directory have keys relative to it.
func (f *finder) takeNamed() error {
	var names []string
	for _, i := range f.named {
		names = append(names, f.paths[i])
	}
	base, err := sharedDir(names)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for i, p := range names {
		path := absolute(p)
		if named[path] {
			f.leave(p, Repeated, "named more than once")
			continue
		}
		named[path], f.from = true, f.named[i]
		if err := f.add(p, base, true); err != nil {
			return err
		}
	}
	return nil
}

// add takes a regular file named by itself or by a pattern, with its key relative to base.
func (f *finder) add(p, base string, named bool) error {
	info, err := os.Stat(p)
	if err != nil {
		return fmt.Errorf("cannot read the data: %w", err)
	}
	key, err := relative(base, p)
	if err != nil {
		return err
	}
	own, err := os.Lstat(p)
	f.take(File{Path: p, Key: key, Named: named, link: err == nil && own.Mode()&fs.ModeSymlink != 0}, info)
	return nil
}

// take keeps a file, once: a path of its own goes before a link, and otherwise the first before later ones.
func (f *finder) take(file File, info fs.FileInfo) {
	file.Size, file.Time, file.From = info.Size(), info.ModTime(), f.from
	id := identify(file.Path, info)
	i, again := f.at[id]
	if !again {
		f.at[id] = len(f.files)
		f.files = append(f.files, file)
	}
	path := absolute(file.Path)
	old := f.seen[path]
	f.seen[path] = true
	if !again {
		return
	}
	kept := &f.files[i]
	kept.Named = kept.Named || file.Named
	if old {
		return
	}
	if kept.link && !file.link {
		file.Named = kept.Named
		*kept, file = file, *kept
	}
	f.leave(file.Path, Repeated, "as "+printable(kept.Path))
}

// withinSize gives the files that are not too large.
func (f *finder) withinSize() (kept []File, err error) {
	var refused []LeftOut
	for _, file := range f.files {
		l := LeftOut{Path: file.Path, Reason: TooLarge, Offset: NoOffset,
			Detail: fmt.Sprintf("%d bytes, the limit is %d", file.Size, f.opts.MaxBytes)}
		switch {
		case f.opts.MaxBytes == 0 || file.Size <= f.opts.MaxBytes:
			kept = append(kept, file)
		case file.Named:
			refused = append(refused, l)
		default:
			f.left = append(f.left, l)
		}
	}
	return kept, Refuse(refused)
}
