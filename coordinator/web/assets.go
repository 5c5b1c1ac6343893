package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"sync"
	"time"
)

//go:embed assets
var embedded embed.FS

// types are the content types of the assets, by extension. They are fixed
// here because package mime reads the system's tables, which differ.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// asset is one embedded file, ready to send.
type asset struct {
	body   []byte
	packed func() []byte // by gzip, when somebody asks first; nil: it is no smaller
	kind   string        // content type
	digest string
}

// loadAssets reads the embedded files once, by their path below assets.
var loadAssets = sync.OnceValue(readAssets)

func readAssets() map[string]asset {
	root, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic(err) // "assets" is a valid path
	}
	out := make(map[string]asset)
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		kind, ok := types[path.Ext(name)]
		if !ok {
			kind = "text/plain; charset=utf-8"
		}
		out[name] = asset{body: body, kind: kind, digest: fmt.Sprintf("%x", sha256.Sum256(body))[:32],
			packed: sync.OnceValue(func() []byte { return packAsset(body) })}
		return nil
	})
	if err != nil {
		panic(err) // files in the binary can be read
	}
	return out
}

func (s *Site) page(w http.ResponseWriter, r *http.Request) { s.serveAsset(w, r, "index.html") }

func (s *Site) static(w http.ResponseWriter, r *http.Request) {
	s.serveAsset(w, r, r.PathValue("name"))
}

// serveAsset sends one file. Browsers may keep it but ask each time whether it
// is still good, so a new binary shows its own page at once.
func (s *Site) serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	a, ok := s.assets[name]
	if !ok {
		s.missing(w, r)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "no-cache")
	body, form := a.body, ""
	if _, takes := w.(reply); takes && r.Header.Get("Range") == "" {
		if small := a.packed(); small != nil {
			body, form = small, "-gzip"
			w.Header().Set("Content-Encoding", "gzip")
		}
	}
	w.Header().Set("ETag", `"`+a.digest+form+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
