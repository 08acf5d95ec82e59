"""How a Ruby service starts: Rails, Rack or a script. https://github.com/rack/rack"""

from stacks.components import Command, Evidence
from stacks.folder import Folder

FRAMEWORKS = ("rails", "sinatra", "hanami", "roda", "grape", "padrino", "cuba")
MAIN = ("app.rb", "server.rb", "main.rb", "bot.rb")
_RAILS = ("bin/rails", "config/application.rb", "config/environment.rb")


def framework(folder: Folder, gems: set[str]) -> str:
    return next((gem for gem in FRAMEWORKS if gem in gems), "rails" if "bin/rails" in folder.files else "")


def start(folder: Folder, gems: set[str], framework: str) -> tuple[Command, Evidence | None]:
    bundled: Command = ("bundle", "exec") if gems else ()
    rails = folder.has(*_RAILS)
    if framework == "rails" and rails:
        command = 'exec bundle exec rails server -b 0.0.0.0 -p "$PORT"'
        return ("sh", "-c", command), Evidence(folder.path(rails), None, "is a Rails application")
    if "config.ru" in folder.files:
        evidence = Evidence(folder.path("config.ru"), None, "is a Rack application")
        if "puma" in gems and "config/puma.rb" in folder.files:
            return (*bundled, "puma", "-C", "config/puma.rb"), evidence
        puma, rackup = "puma -b tcp://0.0.0.0:$PORT", "rackup config.ru --host 0.0.0.0 --port $PORT"
        return ("sh", "-c", " ".join(("exec", *bundled, puma if "puma" in gems else rackup))), evidence
    main = folder.has(*MAIN)
    if main:
        return (*bundled, "ruby", main), Evidence(folder.path(main), None, "has the name of a main file")
    return (), None
