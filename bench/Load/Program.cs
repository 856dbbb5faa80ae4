using System.Globalization;
using Webmail.Load;

// Load MODE --server name=…,imap=…,user=…,password=…[,…] [--server …] [--messages N] [--runs N] [--sessions N] [--connections N] [--only TEXT]
// MODE: imap, large, crowd, pop3, smtp, idle. The first server is ours, the others its peers; --only: rows of IMAP and POP3 whose name holds the text. bench/run starts both and calls this.
// Load users URL ADMINISTRATOR PASSWORD USER%d USERPASSWORD COUNT makes users on ours.
if (args.Length == 0)
{
    await Console.Error.WriteLineAsync("usage: Load imap|large|crowd|pop3|smtp|idle --server name=ours,imap=2143,user=user%d@example.test,password=… [--server …] [--messages N] [--runs N]");
    return 64;
}

if (args is ["users", var api, var administrator, var password, var user, var userPassword, var count])
{
    await Accounts.MakeAsync(new Uri(api), administrator, password, user, userPassword, int.Parse(count, CultureInfo.InvariantCulture));
    return 0;
}

var servers = new List<Server>();
var numbers = new Dictionary<string, int>(StringComparer.Ordinal)
{
    ["--messages"] = 10_000,
    ["--runs"] = 5,
    ["--sessions"] = 20,
    ["--connections"] = 1000,
    ["--people"] = 100,
};
var only = "";
for (var i = 1; i + 1 < args.Length; i += 2)
{
    if (args[i] == "--server")
        servers.Add(Server.Parse(args[i + 1]));
    else if (args[i] == "--only")
        only = args[i + 1];
    else
        numbers[args[i]] = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
}

var table = new Table(servers, numbers["--runs"], only, Console.Out);
switch (args[0])
{
    case "imap":
        ImapRows.Run(table, servers, numbers["--messages"]);
        break;
    case "large":
        LargeRows.Run(table, servers, numbers["--messages"]);
        break;
    case "crowd":
        CrowdRows.Run(table, servers, numbers["--people"]);
        break;
    case "pop3":
        Pop3Rows.Run(table);
        break;
    case "smtp":
        SmtpRows.Run(table, servers, numbers["--messages"], numbers["--sessions"]);
        break;
    case "idle":
        IdleRows.Run(table, servers, numbers["--connections"]);
        break;
    default:
        await Console.Error.WriteLineAsync($"There is no mode {args[0]}");
        return 64;
}

return 0;
