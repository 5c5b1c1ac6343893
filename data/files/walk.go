package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// root walks a directory that was named, with keys relative to base. Trouble with the directory itself is an error.
func (f *finder) root(dir, base string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("cannot read the data: %w", err)
	}
	if own := ownDirectory(dir, entries); own != "" {
		return fmt.Errorf("%s is no raw data but a %s", dir, own)
	}
	prefix, err := relative(base, dir)
	if err != nil {
		return err
	}
	f.entries(dir, "", prefix, entries)
	return nil
}

// found walks a directory that a pattern matched, with keys relative to base.
func (f *finder) found(dir, base string) error {
	prefix, err := relative(base, dir)
	if err == nil {
		f.walk(dir, "", prefix)
	}
	return err
}

// walk takes what is in a directory. inner is its path below the named directory, prefix that of its keys.
func (f *finder) walk(dir, inner, prefix string) {
	info, err := os.Stat(dir)
	if err == nil && slices.ContainsFunc(f.out, func(out os.FileInfo) bool { return os.SameFile(info, out) }) {
		f.leave(dir, Output, "")
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		f.leave(dir, Unreadable, ReasonOf(err))
		return
	}
	if own := ownDirectory(dir, entries); own != "" {
		f.leave(dir, own, "")
		return
	}
	f.entries(dir, inner, prefix, entries)
}

func (f *finder) entries(dir, inner, prefix string, entries []fs.DirEntry) {
	for _, d := range entries {
		f.entry(filepath.Join(dir, d.Name()), path.Join(inner, d.Name()), path.Join(prefix, d.Name()), d)
	}
}

// entry takes one thing found in a directory: inner is its path below the named directory, key the one it is known by.
func (f *finder) entry(p, inner, key string, d fs.DirEntry) {
	switch {
	case strings.HasPrefix(d.Name(), "."), d.Name() == "__MACOSX":
		f.leave(p, Hidden, "")
		return
	case f.excluded(inner):
		f.leave(p, Excluded, "")
		return
	case d.IsDir():
		f.walk(p, inner, key)
		return
	}
	link := d.Type()&fs.ModeSymlink != 0
	info, err := os.Stat(p)
	switch {
	case err != nil && link:
		f.leave(p, NotFile, "a broken link")
	case err != nil:
		f.leave(p, Unreadable, ReasonOf(err))
	case !info.Mode().IsRegular():
		f.leave(p, NotFile, "")
	case ownFile(p, info) != "":
		f.leave(p, ownFile(p, info), "")
	case len(f.opts.Include) > 0 && !matches(f.opts.Include, inner):
		f.leave(p, NotIncluded, "")
	case len(f.opts.Include) == 0 && isLog(d.Name()):
		f.leave(p, Log, "")
	default:
		f.take(File{Path: p, Key: key, link: link}, info)
	}
}

func (f *finder) excluded(inner string) bool { return matches(f.opts.Exclude, inner) }

// matches holds a slash-separated path against patterns: those without a slash against its last element alone.
func matches(patterns []string, inner string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		pattern, name := strings.TrimSuffix(pattern, "/"), inner
		if !strings.Contains(pattern, "/") {
			name = path.Base(inner)
		}
		ok, _ := path.Match(pattern, name)
		return ok
	})
}

// ReasonOf is an error of the system without the path, which stands beside it in a [LeftOut].
func ReasonOf(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
