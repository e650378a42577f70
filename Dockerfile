# The command in an image of its own, without Terraform: what only reads, and states
# given by file or pipe. For remote states, copy it into an image that has Terraform:
#
#   COPY --from=herokutf /herokutf /usr/local/bin/
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=(devel)
ARG COMMIT=
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT" -o /herokutf ./cmd/herokutf

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /herokutf /herokutf
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/herokutf"]
