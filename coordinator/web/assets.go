package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
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
	body []byte
	kind string // content type
	etag string
}

// loadAssets reads the embedded files, by their path below assets.
func loadAssets() map[string]asset {
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
		out[name] = asset{body: body, kind: kind, etag: fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(body))[:32])}
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
	w.Header().Set("ETag", a.etag)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.body))
}
