using System.Reflection;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>ID (RFC 2971). Of what the client says of itself, name and version decide what it is offered (<see cref="ImapFeatures"/>).</summary>
/// <param name="Client">"name/version" of what the client says of itself; null: no name.</param>
internal sealed record Id(string? Client) : IAnyStateCommand<Id>
{
    /// <summary>RFC 2971 section 3.3: at most 30 pairs.</summary>
    private const int MaxPairs = 30;

    private static readonly string Version = typeof(Id).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static Verb Verb { get; } = new("ID") { Capability = "ID" };

    public static Id Parse(ref ImapReader r)
    {
        r.Space();
        string? client = null;
        if (r.NextIs('('))
            client = Pairs(ref r);
        else if (!r.TakeName("NIL"u8))
            throw new SyntaxException("Expected a list or NIL");
        r.End();
        return new(client);
    }

    public ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct)
    {
        session.Identify(Client);
        session.Out.Line($"* ID (\"name\" \"Webmail\" \"version\" {new Quoted(Version)})");
        return new(Reply.Done);
    }

    private static string? Pairs(ref ImapReader r)
    {
        string? name = null, version = null;
        r.Open();
        for (var n = 0; !r.NextIs(')'); n++)
        {
            if (n > 0)
                r.Space();
            if (n == MaxPairs)
                throw new SyntaxException("There are too many fields");
            var field = r.String();
            r.Space();
            var value = r.NString();
            if (field.Equals("name", StringComparison.OrdinalIgnoreCase))
                name = value;
            else if (field.Equals("version", StringComparison.OrdinalIgnoreCase))
                version = value;
        }

        r.Close();
        return name is null ? null : $"{name}/{version}";
    }
}
