package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"time"
)

// A report is the page in one file, with what it would ask for: it opens from disk
// and asks nobody for anything. Its own policy allows the scripts and styles that
// stand in it, by their hashes, and nothing else.
var (
	sheets    = regexp.MustCompile(`(?m)^ *<link rel="stylesheet" href="static/([^"]+)">\n`)
	scripts   = regexp.MustCompile(`(?m)^ *<script [^>]*src="static/([^"]+)"></script>\n`)
	pictures  = regexp.MustCompile(`"static/([^"]+\.svg)"`)
	liveLinks = regexp.MustCompile(`(?s)<span data-live>.*?</span>`)
	noScript  = regexp.MustCompile(`(?s)<noscript>.*?</noscript>`)
)

// WriteReport writes the runs of a library as one HTML file. Curves keep so many
// points, of all runs together, with the smallest and largest value of each bucket;
// left says what was left out for the file not to grow without bounds. Lookers tell what
// the network of a run has learnt.
func WriteReport(w io.Writer, l Library, look Lookers, made time.Time) (left []string, err error) {
	k, left, err := keep(l, look, made)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	page, err := reportPage(loadAssets(), data)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(w, page)
	return left, err
}

// reportPage is the page with all its assets, and data, inside.
func reportPage(assets map[string]asset, data []byte) (string, error) {
	page := string(assets["index.html"].body)
	var styles, policy strings.Builder
	for _, m := range sheets.FindAllStringSubmatch(page, -1) {
		styles.Write(assets[m[1]].body)
	}
	main, err := bundle(assets, "main.js")
	if err != nil {
		return "", err
	}
	chart := string(assets["vendor/uplot/uPlot.iife.min.js"].body)
	fmt.Fprintf(&policy, "default-src 'none'; script-src %s %s; style-src %s; img-src data:; base-uri 'none'; form-action 'none'",
		hashOf(chart), hashOf(main), hashOf(styles.String()))

	page = sheets.ReplaceAllString(page, "")
	page = scripts.ReplaceAllString(page, "")
	page = liveLinks.ReplaceAllString(page, "")
	page = noScript.ReplaceAllString(page, `<noscript><p class="card">This report draws itself with JavaScript.</p></noscript>`)
	page = pictures.ReplaceAllStringFunc(page, func(found string) string {
		return `"data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString(assets[pictures.FindStringSubmatch(found)[1]].body) + `"`
	})
	head := fmt.Sprintf("<meta charset=\"utf-8\">\n  <meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n  <style>%s</style>", html.EscapeString(policy.String()), styles.String())
	page = strings.Replace(page, `<meta charset="utf-8">`, head, 1)
	tail := fmt.Sprintf("<script type=\"application/json\" id=\"kept\">%s</script>\n<script>%s</script>\n<script>%s</script>\n</body>", data, chart, main)
	page = strings.Replace(page, "</body>", tail, 1)
	if at := bytes.Index([]byte(page), []byte(`"static/`)); at >= 0 {
		return "", fmt.Errorf("%q is not in the report", page[at:min(len(page), at+40)])
	}
	return page, nil
}

// hashOf is how a policy names what stands between the tags.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
