namespace Webmail.Protocols.Pop3.Commands;

/// <summary>LANG (RFC 6856 section 3): lists the languages, or changes to one. From the change on, replies are in it, and in UTF-8.</summary>
/// <param name="Range">A basic language range (RFC 4647 section 2.1); null: list them.</param>
internal sealed record Lang(string? Range) : IAnyStateCommand<Lang>
{
    public static Verb Verb { get; } = new("LANG") { Capability = _ => "LANG" };

    public static Lang Parse(ref Pop3Reader r)
    {
        var range = r.OptionalWord();
        r.End();
        return new(range);
    }

    public ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct)
    {
        if (Range is null)
            return new(Pop3Reply.Ok("Languages follow", new WordsBody(Pop3Language.All.Select(l => $"{l.Tag} {l.Name}"))));
        if (Pop3Language.Find(Range) is not { } language)
            return new(Pop3Reply.Err("There is no such language"));
        session.Language = language;
        return new(Pop3Reply.Ok("Language changed") with { Tag = language.Tag });
    }
}
