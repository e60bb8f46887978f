#!/usr/bin/env bash
# Makes the site: what javadoc says of the public packages, the pages of the repository, and the
# examples that they link to. Its overview is README.md. Fails on whatever javadoc has to say, and on
# a link that leads nowhere.
#
#   site.sh FOLDER MODULE_PATH
set -euo pipefail
site=$1
module_path=$2
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../../.."

# Javadoc takes pages as files of a package, and has them there.
pages=$site.pages
from=multiprocessing/doc-files
to=multiprocessing/multiprocessing/doc-files

rm -rf -- "$site" "$pages"
find . \( -name target -o -name '.?*' \) -prune -o -type f \
  \( -name '*.md' -o -path './examples/src/main/java/*' -o -path './docs/results/*.svg' -o -name LICENSE \) -print |
  while IFS= read -r file; do
    page=$pages/$from/$file
    mkdir -p -- "${page%/*}"
    case $file in
      # Links lead to what is made of the pages; a version in the changelog is no link.
      *.md) sed -E 's/(\]\([^):]*)\.(md|java)\)/\1.html)/g; s/^## \[(.*)\]$/## \1/' "$file" >"$page" ;;
      *.java) printf '# %s\n\n```java\n%s\n```\n' "${file##*/}" "$(<"$file")" >"${page%.java}.md" ;;
      *) cp -- "$file" "$page" ;;
    esac
  done
sed -E "s#(\]\()([^):]*\))#\1$to/\2#g" "$pages/$from/README.md" >"$pages/overview.md"

# A missing @param or @return is no fault.
"$JAVA_HOME/bin/javadoc" -quiet -Xdoclint:all,-missing -Werror --release 25 -protected \
  -notimestamp -windowtitle multiprocessing -overview "$pages/overview.md" -docfilessubdirs \
  --module-path "$module_path" --source-path "core/src/main/java:$pages" --module multiprocessing \
  -d "$site"

nowhere=$(
  find "$site/index.html" "$site/$to" -name '*.html' | while IFS= read -r page; do
    { grep -oE 'href="[^":#]+["#]' "$page" || true; } | while IFS= read -r link; do
      link=${link#*\"}
      link=${link%?}
      [[ -e ${page%/*}/$link ]] || echo "${page#"$site/"}: $link leads nowhere"
    done
  done
)
if [[ -n $nowhere ]]; then
  echo "$nowhere" >&2
  exit 1
fi
