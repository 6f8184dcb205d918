package page

import (
	"encoding/json"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/print"
	"gongkai/portal/reports"
)

// SendReport sends a report as a file: json, xlsx, pdf or docx.
func SendReport(c echo.Context, v *reports.View, filed bool, organ, format string) error {
	var file []byte
	var err error
	switch format {
	case "json":
		file, err = json.MarshalIndent(v.Output(organ, filed), "", "  ")
	case "xlsx":
		file, err = print.ReportXLSX(v, LangOf(c))
	case "pdf":
		file, err = print.ReportPDF(v, filed)
	case "docx":
		file, err = print.ReportDOCX(v, filed)
	default:
		return portal.Missing()
	}
	if err != nil {
		return err
	}
	return SendMade(c, organ+"-"+strconv.Itoa(v.Year)+"."+format, file)
}
