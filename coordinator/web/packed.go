package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// packFrom is the size of an answer from which on it is worth packing: less fits into one packet of the network anyway.
const packFrom = 1 << 10

// reply is an answer to somebody who takes gzip.
type reply struct{ http.ResponseWriter }

// Unwrap lets http.ResponseController through.
func (r reply) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// packable is w as one whose answers [send] and serveAsset may pack.
func packable(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	w.Header().Set("Vary", "Accept-Encoding")
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		return reply{w}
	}
	return w
}

// takesGzip reads Accept-Encoding (RFC 9110, section 12.5.3): a coding of weight 0 is refused.
func takesGzip(values []string) bool {
	for _, coding := range strings.Split(strings.Join(values, ","), ",") {
		name, rest, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		weight, given := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(rest, " ", "")), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !given || (err == nil && q > 0)
	}
	return false
}

// packers of answers, which are made each second: the fastest level is a twentieth of the size of a status already.
var packers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return z
}}

// packed is an answer's body packed, or as it was where that is no smaller or the client does not take it.
func packed(w http.ResponseWriter, body []byte) []byte {
	if _, takes := w.(reply); !takes || len(body) < packFrom {
		return body
	}
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	small := pack(z, body)
	if len(small) >= len(body) {
		return body
	}
	w.Header().Set("Content-Encoding", "gzip")
	return small
}

func pack(z *gzip.Writer, body []byte) []byte {
	var out bytes.Buffer
	z.Reset(&out)
	_, _ = z.Write(body) // memory takes everything
	_ = z.Close()
	return out.Bytes()
}

// packAsset is an asset packed as small as it gets; nil where that is not worth it.
func packAsset(body []byte) []byte {
	if len(body) < packFrom {
		return nil
	}
	z, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // the level is valid
	if small := pack(z, body); len(small) < len(body) {
		return small
	}
	return nil
}
