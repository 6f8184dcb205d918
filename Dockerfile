# A static binary in an image with nothing else in it.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.Version=$VERSION" -o /gongkai ./cmd/gongkai \
 && /gongkai version \
 && mkdir /data

FROM scratch
COPY --from=build /gongkai /gongkai
COPY --from=build --chown=1001:1001 /data /data
USER 1001:1001
VOLUME /data
ENV GONGKAI_DATA=/data GONGKAI_ADDR=0.0.0.0:8080 TMPDIR=/data
EXPOSE 8080
ENTRYPOINT ["/gongkai"]
CMD ["serve"]
