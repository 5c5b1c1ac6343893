// What `make build` links in place of go-cmp, see cmp/cmp.go.
module github.com/google/go-cmp

go 1.21
