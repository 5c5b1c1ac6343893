# Rondo for those who build by Docker; `make image` makes the same without it.
#   docker build -t rondo .
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH make build BIN=/rondo

# Certificates of authorities, and the user 65532.
FROM gcr.io/distroless/static:nonroot
COPY --from=build /rondo /rondo
USER 65532:65532
ENTRYPOINT ["/rondo"]
