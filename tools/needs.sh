#!/usr/bin/env bash
# Install what the tests need and the machine lacks: Chromium for the browser
# tests, a C compiler for the race detector, poppler to read PDF files with
# another program, ClamAV for the scanner, tesseract for the text in scans, zip for a
# DOCX, raptor to read Turtle, qpdf to check a PDF.
set -euo pipefail
lacking=()
command -v chromium >/dev/null || lacking+=(chromium)
command -v gcc >/dev/null || lacking+=(gcc libc6-dev)
command -v pdftotext >/dev/null || lacking+=(poppler-utils)
command -v rapper >/dev/null || lacking+=(raptor2-utils)
command -v qpdf >/dev/null || lacking+=(qpdf)
command -v zip >/dev/null || lacking+=(zip)
command -v clamd >/dev/null || lacking+=(clamav-daemon)
{ command -v tesseract >/dev/null && tesseract --list-langs 2>/dev/null | grep -q chi_sim; } || lacking+=(tesseract-ocr tesseract-ocr-chi-sim)
fc-list 2>/dev/null | grep -qi 'cjk\|wqy\|wenquanyi' || lacking+=(fonts-wqy-microhei fontconfig)
[ ${#lacking[@]} -eq 0 ] && exit 0
sudo=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "needed and not installed: ${lacking[*]} (apt-get install ${lacking[*]})"; exit 1; }
  sudo=sudo
fi
command -v apt-get >/dev/null || { echo "needed and not installed: ${lacking[*]}"; exit 1; }
echo "installing ${lacking[*]}"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${lacking[@]}" >/dev/null
