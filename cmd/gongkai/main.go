package main

import (
	_ "github.com/PuerkitoBio/goquery"
	_ "github.com/alecthomas/kong"
	_ "github.com/alexedwards/argon2id"
	_ "github.com/alexedwards/scs/v2"
	_ "github.com/blevesearch/bleve/v2"
	_ "github.com/gabriel-vasile/mimetype"
	_ "github.com/gorilla/feeds"
	_ "github.com/labstack/echo/v4"
	_ "github.com/ledongthuc/pdf"
	_ "github.com/microcosm-cc/bluemonday"
	_ "github.com/nicksnyder/go-i18n/v2/i18n"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/xuri/excelize/v2"
	_ "github.com/yuin/goldmark"
	_ "go.etcd.io/bbolt"
	_ "golang.org/x/time/rate"
)

func main() {}
