package page

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/print"
	"gongkai/portal/reports"
)

// SendReport sends a report as a file: json, xlsx, pdf or docx.
func SendReport(c echo.Context, v *reports.View, filed bool, organ, format string) error {
	name := organ + "-" + strconv.Itoa(v.Year) + "." + format
	var file []byte
	var err error
	kind := ""
	switch format {
	case "json":
		kind = "application/json; charset=utf-8"
		file, err = json.MarshalIndent(v.Output(organ, filed), "", "  ")
	case "xlsx":
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		file, err = print.ReportXLSX(v, LangOf(c))
	case "pdf":
		kind = "application/pdf"
		file, err = print.ReportPDF(v, filed)
	case "docx":
		kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
		file, err = print.ReportDOCX(v, filed)
	default:
		return portal.Missing()
	}
	if err != nil {
		return err
	}
	FileHeader(c, name, kind, format == "pdf")
	return c.Blob(http.StatusOK, kind, file)
}
