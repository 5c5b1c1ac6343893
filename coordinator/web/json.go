package web

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// writeJSON answers v. An answer that cannot be encoded is a fault of ours:
// 500, and the log says what.
func (s *site) writeJSON(w http.ResponseWriter, v any) {
	body, err := encode(v)
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
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n')) // an error here means that the reader has left
}

// encode is json.Marshal with null for NaN and the infinities.
func encode(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if _, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		return json.Marshal(finite(reflect.ValueOf(v)))
	}
	return body, err
}

// finite copies v into maps, slices and scalars, by its JSON names, with nil
// for every number that is not finite. It knows the kinds that package api
// uses.
func finite(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil
		}
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = finite(v.Index(i))
		}
		return out
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			return finiteFields(v)
		}
	}
	return v.Interface()
}

func finiteFields(v reflect.Value) map[string]any {
	out := make(map[string]any, v.NumField())
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if options == "omitempty" && v.Field(i).IsZero() {
			continue
		}
		out[name] = finite(v.Field(i))
	}
	return out
}
