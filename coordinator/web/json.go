package web

import (
	"encoding/json"
	"net/http"
)

// writeJSON answers v. An answer that cannot be encoded is a fault of ours:
// 500, and the log says what.
func (s *Site) writeJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.log.Error("status page: encoding failed", "error", err)
		writeError(w, http.StatusInternalServerError, "the status could not be encoded; the coordinator's log says why")
		return
	}
	send(w, http.StatusOK, body)
}

// writeError answers {"error": text}.
func writeError(w http.ResponseWriter, code int, text string) {
	body, err := json.Marshal(map[string]string{"error": text})
	if err != nil { // a map of strings always encodes
		body = []byte(`{"error":"unknown"}`)
	}
	send(w, code, body)
}

func send(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	body = packed(w, append(body, '\n'))
	w.WriteHeader(code)
	_, _ = w.Write(body) // an error here means that the reader has left
}
