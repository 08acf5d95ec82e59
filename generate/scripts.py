"""Shell scripts of generated workflows. Values come from environment variables, never from expressions."""

CHANGED = """\
# A first push or a forced push has nothing to compare with, so everything is built.
# Everything is also built if a file outside of all components changed, because any of them might use it.
all=true
if git cat-file -e "${BASE}^{commit}" 2> /dev/null; then
  own=()
  while IFS='=' read -r name folder; do
    own+=(":(exclude)${folder}")
  done <<< "${COMPONENTS}"
  if git diff --quiet "${BASE}" HEAD -- . "${own[@]}" ':(exclude)deploy' ':(exclude)*.md'; then
    all=false
  fi
fi
while IFS='=' read -r name folder; do
  changed=true
  if [[ "${all}" == false ]] && git diff --quiet "${BASE}" HEAD -- "${folder}" "deploy/${name}"; then
    changed=false
  fi
  echo "${name}=${changed}" | tee -a "${GITHUB_OUTPUT}"
done <<< "${COMPONENTS}"
"""
SIGN_IN = """\
token="$(curl -sSf -H "Authorization: bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}" \
"${ACTIONS_ID_TOKEN_REQUEST_URL}&audience=${AUDIENCE}" | jq -er .value)"
echo "::add-mask::${token}"
kube=(kubectl "--server=${CLUSTER}" "--token=${token}" "--namespace=${NAMESPACE}")
"""
WITH_CA = """\
printf '%s' "${CLUSTER_CA}" > "${RUNNER_TEMP}/cluster-ca.pem"
kube+=("--certificate-authority=${RUNNER_TEMP}/cluster-ca.pem")
"""
APPLY = """\
sed "s|__IMAGE__|${IMAGE}|" "deploy/${APPLICATION}"/*.yaml | \
"${kube[@]}" apply --server-side --field-manager=onramp-pipeline -f -
"${kube[@]}" rollout status "deployment/${APPLICATION}" --timeout=180s
"""
