"""Repositories with the manifests and sources that the samples of other tests lack."""

REPOSITORIES: list[dict[str, str]] = [
    {
        "settings.gradle": "rootProject.name = 'shop'\ninclude 'api', 'core:model'\n",
        "build.gradle": "",
        "api/build.gradle": "plugins { id 'application' }\n",
        "api/src/main/java/A.java": "",
    },
    {
        "Dockerfile": "FROM scratch\nCOPY ./api /api\nEXPOSE 80\nCMD /api/run\n",
        "api/requirements.txt": "flask\n",
        "api/app.py": "import os\nos.environ.get('DATABASE_URL', 'postgres://10.0.0.7:5432/x')\nif __name__ == '__main__': ...\n",
    },
    {
        "package.json": '{"private": true, "workspaces": ["apps/*"], "scripts": {"start": "npm run start -w apps/web"}}',
        "apps/web/package.json": '{"name": "web", "scripts": {"start": "node server.js"}, "dependencies": {"koa": "3"}}',
        "apps/web/server.js": "app.listen(80)\n",
    },
    {
        "package.json": '{"workspaces": ["apps/*"], "packageManager": "yarn@4.0.0"}',
        ".yarnrc.yml": "",
        "yarn.lock": "",
        "apps/web/package.json": '{"name": "@x/web", "scripts": {"start": "node s.js", "build": "tsc"}}',
    },
    {
        "package.json": '{"scripts": {"build": "x"}, "dependencies": {"@react-router/dev": "7"}}',
        "react-router.config.ts": "export default { ssr: false }\n",
    },
    {"package.json": '{"private": true, "dependencies": {"koa": "3"}}', "index.js": "require('koa')\n"},
    {"shard.yml": "name: shop\ntargets:\n  shop:\n    main: src/shop.cr\n", "src/shop.cr": ""},
    {"build.zig": 'const exe = b.addExecutable(.{ .name = "shop" });\n', "src/main.zig": ""},
    {"requirements.in": "flask\n", "pyproject.toml": '[project]\nname = "x"\ndependencies = ["flask", "httpx"]\n', "app.py": "x",
     "uv.lock": '[[package]]\nname = "flask"\n', "poetry.lock": '[[package]]\nname = "flask"\n'},
    {"requirements.txt": "flask\n", "app.py": "if __name__ == '__main__': ...\n",
     "app.json": '{"env": {"CACHE_HOST": {"value": "10.0.0.7:6379"}, "API_URL": {"value": "http://api.example:8080/x"}}}'},
    {"CODEOWNERS": "* @acme/payments\n", "requirements.txt": "flask\n",
     "app.py": "import os\nX = os.environ.get('CACHE_HOST', '10.0.0.7:6379')\nif __name__ == '__main__': ...\n"},
]  # fmt: skip
