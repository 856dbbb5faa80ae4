using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;
using Webmail.Protocols.Imap.Search;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SORT and UID SORT (RFC 5256 section 3), with RETURN (RFC 5267 section 3) and PARTIAL (RFC 9394). Texts compare as RFC 5255 section 4.2 has it (I18NLEVEL=1).</summary>
/// <param name="Returns">Null: no RETURN, answer in the old form.</param>
internal sealed record Sort(SearchReturns? Returns, IReadOnlyList<SortTerm> Terms, SearchProgram Program) : ISelectedCommand<Sort>
{
    public static Verb Verb { get; } = new("SORT") { HasUidForm = true, HoldsExpunges = true, Capability = "SORT ESORT I18NLEVEL=1" };

    public static Sort Parse(ref ImapReader r)
    {
        r.Space();
        var returns = SearchReturns.Parse(ref r, "SORT RETURN");
        var terms = SortTerms.Parse(ref r);
        r.Space();
        return new(returns, terms, SearchProgram.Parse(ref r, charsetIsNeeded: true));
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (SearchAnswer.Refusal(session, box, Returns) is { } refusal)
            return refusal;
        if (Program.Key is null)
            return SearchAnswer.UnknownCharset(box, Returns);
        var found = await Program.RunAsync(session, box, ct, Returns is { Saves: true });
        if (SearchAnswer.Refusal(found, Returns, Terms) is { } refused)
            return refused;
        var relevancy = await SearchAnswer.RelevancyAsync(box.Mail, found, Returns, Terms, ct);
        var order = await session.WaitAsync((_, token) => box.Mail.Messages.SortAsync(found.Newest, found.Uids, Terms, relevancy, token), ct, isReading: true);
        var hits = SearchHits.Of(box.View, order, session.IsUidCommand, relevancy);
        if (Returns is null)
        {
            await hits.WriteAsync("SORT", session.Out, found.HighestModSeq(found.Uids), ct);
            return Reply.Ok("Sorted");
        }

        SearchAnswer.Write(session, box, Returns, found, hits, Terms, order);
        return Reply.Ok("Sorted");
    }
}
