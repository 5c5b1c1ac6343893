package runfile

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/data/augment"
	"github.com/rondo-ml/rondo/data/objects"
)

// generatedData begins the name of a data set that is made as it is read (package data/generated).
const generatedData = "generated:"

var addressScheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]+):/`)

// Scheme is the scheme of an address, "s3" of "s3://bucket/shards". It is empty for a path of the file system.
func Scheme(text string) string {
	found := addressScheme.FindStringSubmatch(text)
	if found == nil || strings.HasPrefix(text, generatedData) {
		return ""
	}
	return found[1]
}

// Stored says that a text is an address in an object store that this program opens.
func Stored(text string) bool { return objects.Named(text) }

// localPath is the path that file:///PATH names. Any other text stays as it is.
func localPath(text string) string {
	if escaped, ok := strings.CutPrefix(text, "file://"); ok && strings.HasPrefix(escaped, "/") {
		if path, err := url.PathUnescape(escaped); err == nil {
			return path
		}
	}
	return text
}

// NoAddress ends an error about an address in the place of a directory.
func NoAddress(scheme string) string {
	return fmt.Sprintf("%s:// cannot be opened here; mount the store, or copy it, and give the directory", scheme)
}

func wantTrain(s string) string {
	if s == "" {
		return "the directory of the training shards (`" + program.Name() + " shard --help` says what makes DIR/train)" +
			", or generated:NAME?count=N for a model that reads images"
	}
	return wantData(s)
}

func wantData(s string) string {
	if Stored(s) {
		return wantStored(s)
	}
	if scheme := Scheme(s); scheme != "" {
		return "a directory, or generated:NAME?count=N for a model that reads images: " + NoAddress(scheme)
	}
	return ""
}

// wantStored says what is wrong with an address in an object store.
func wantStored(s string) string {
	if _, _, _, err := objects.Split(s); err != nil {
		return "an address like s3://bucket/prefix, without secrets, and no others: credentials come from the environment, files or the machine"
	}
	return ""
}

func wantDir(s string) string {
	if Stored(s) {
		return wantStored(s)
	}
	if scheme := Scheme(s); scheme != "" {
		return "a directory for the checkpoints: " + NoAddress(scheme)
	}
	if s != "" {
		return ""
	}
	return "a directory for the checkpoints"
}

// wantAugment says what is wrong with a list of changes.
func wantAugment(s string) string {
	if _, err := augment.Parse(s); err != nil {
		return "a list of changes: " + err.Error()
	}
	return ""
}
