package cutting

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
)

// FolderOptions say which files of folders are taken, and what their classes are.
type FolderOptions struct {
	Include, Exclude []string // see [files.Options]

	// Class is a regular expression that finds the class in a file's path, below the path that was given: its first
	// group, or all that it matches. "" means the folder: a file's class is the first part of its path.
	Class string

	// HeldOutMatch is a regular expression: files whose paths it matches are held out. "" means none.
	HeldOutMatch string
}

// NoClass is the reason to leave out a file whose path gives no class.
const NoClass files.Reason = "no class"

// folderFile is a file of a folder with its class.
type folderFile struct {
	files.File
	class int
	held  bool
}

// folderSet is the files of folders.
type folderSet struct {
	files     []folderFile
	classes   classes
	left      []files.LeftOut
	heldGiven bool
}

// folders finds the files below paths and numbers their classes.
func (o FolderOptions) folders(opts Options, paths []string) (set folderSet, err error) {
	class, err := pattern("--class", o.Class)
	if err != nil {
		return set, err
	}
	held, err := pattern("--held-out-match", o.HeldOutMatch)
	if err != nil {
		return set, err
	}
	found, left, err := opts.find(files.Options{Include: o.Include, Exclude: o.Exclude}, paths)
	if err != nil {
		return set, err
	}
	set.left = left
	set.heldGiven = len(opts.HeldOut) > 0 || held != nil
	names := make([]string, 0, len(found)) // of the classes
	trained, heldOut := map[string]bool{}, map[string]bool{}
	for _, f := range found {
		name := classOf(class, f.Key)
		if name == "" {
			set.left = append(set.left, files.LeftOut{Path: f.Path, Reason: NoClass, Offset: files.NoOffset})
			continue
		}
		file := folderFile{File: f, held: f.From >= len(paths) || held != nil && held.MatchString(f.Key)}
		set.files = append(set.files, file)
		names = append(names, name)
		if file.held {
			heldOut[name] = true
		} else {
			trained[name] = true
		}
	}
	if len(trained) == 0 {
		return set, fmt.Errorf("no class in %s: want a folder for each class, or --class; left out %s", list(paths), files.Tally(set.left))
	}
	if set.classes, err = numberClasses(trained, heldOut); err != nil {
		return set, err
	}
	for i, name := range names {
		set.files[i].class = set.classes.number[name]
	}
	if class == nil {
		err = emptyFolders(paths, set)
	}
	return set, err
}

func pattern(flag, text string) (*regexp.Regexp, error) {
	if text == "" {
		return nil, nil
	}
	p, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", flag, text, err)
	}
	return p, nil
}

// classOf is the class that a file's key gives, or "".
func classOf(class *regexp.Regexp, key string) string {
	if class == nil {
		if folder, _, ok := strings.Cut(key, "/"); ok {
			return folder
		}
		return ""
	}
	m := class.FindStringSubmatch(key)
	switch {
	case m == nil:
		return ""
	case len(m) > 1:
		return m[1]
	}
	return m[0]
}

// emptyFolders is the error for folders of the training data that give no class, since they have no file: the numbers of
// the classes after it would not be what the user thinks.
func emptyFolders(paths []string, set folderSet) error {
	passed := map[string]bool{}
	for _, l := range set.left {
		passed[filepath.Clean(l.Path)] = true
	}
	var empty []string
	for _, p := range paths {
		entries, err := os.ReadDir(p)
		if err != nil {
			continue // a file, or a pattern
		}
		for _, e := range entries {
			dir := filepath.Join(p, e.Name())
			if _, has := set.classes.number[e.Name()]; e.IsDir() && !has && !passed[dir] {
				empty = append(empty, dir)
			}
		}
	}
	if empty != nil {
		return errors.New("no file for the class of " + list(empty) + "; remove it or leave it out with --exclude")
	}
	return nil
}
