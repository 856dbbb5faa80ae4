using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;
using Webmail.Protocols.Imap.Search;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>ESEARCH (RFC 7377): a search of several mailboxes, answered by UIDs and mailbox by mailbox.</summary>
/// <param name="Sources">None: the selected mailbox.</param>
internal sealed record Esearch(IReadOnlyList<MailboxFilter> Sources, SearchReturns Returns, SearchProgram Program) : IAuthenticatedCommand<Esearch>
{
    private const int MaxSources = 50;

    private static readonly Reply NothingSelected = Reply.Bad("No mailbox is selected");
    private static readonly Reply OnlySelected = Reply.Bad("SAVE and UPDATE are for the selected mailbox only");

    public static Verb Verb { get; } = new("ESEARCH") { HasUidForm = true, Capability = "MULTISEARCH" };

    public static Esearch Parse(ref ImapReader r)
    {
        r.Space();
        var sources = r.TakeName("IN"u8) ? SourcesOf(ref r) : [];
        var returns = SearchReturns.Parse(ref r, "ESEARCH RETURN") ?? SearchReturns.Everything;
        return new(sources, returns, SearchProgram.Parse(ref r, charsetIsNeeded: false));
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        var box = session.Selected;
        var hasSelected = Sources.Count == 0 || Sources.Any(static source => source.IsSelected);
        if (hasSelected && box is null)
            return NothingSelected;
        if (!hasSelected && Returns.Update is not null)
            return OnlySelected;
        if (Returns.Saves && Sources.Any(static source => !source.IsSelected))
            return OnlySelected;
        if (SearchAnswer.Refusal(session, box, Returns) is { } refusal)
            return refusal;
        if (Program.Key is null)
        {
            if (Returns.Saves)
                box!.View.Saved = UidSet.Empty;
            return SearchProgram.UnknownCharset;
        }

        var progress = new MailboxProgress();
        var mailboxes = await MailboxesAsync(mail, hasSelected ? box : null, ct);
        progress.Expect(mailboxes.Sum(static info => (long)info.Messages));
        foreach (var info in mailboxes)
        {
            if (await OneAsync(session, mail, info, progress, ct) is { } refused)
                return refused;
            await session.Out.FlushIfLargeAsync(ct);
        }

        return Reply.Ok("Searched");
    }

    /// <summary>How many messages all mailboxes have, and how many of them are done.</summary>
    private sealed class MailboxProgress
    {
        private long _all;
        private long _done;

        public void Expect(long all) => _all = all;

        public void Begin(WorkProgress progress)
        {
            progress.Expect(_all);
            progress.Finish(_done);
        }

        public void Finish(long messages) => _done += messages;
    }

    private async ValueTask<IReadOnlyList<MailboxInfo>> MailboxesAsync(AccountMail mail, SelectedMailbox? box, CancellationToken ct)
    {
        if (box is not null && Sources.All(static source => source.IsSelected))
            return await mail.Mailboxes.GetAsync(box.Id, ct) is { } only ? [only] : [];
        var all = await mail.Mailboxes.ListNamesAsync(ct);
        return
        [
            .. all.Where(info => info.IsSelectable && info.Rights.Has(MailboxRights.Read)
                && (info.Id == box?.Id || Sources.Any(source => source.Matches(info.Name.Value, info.IsSubscribed)))),
        ];
    }

    private async ValueTask<Reply?> OneAsync(ImapSession session, AccountMail mail, MailboxInfo info, MailboxProgress progress, CancellationToken ct)
    {
        var box = session.Selected?.Id == info.Id ? session.Selected : null;
        if (box is null && info.Messages == 0)
            return null;
        SearchScope scope;
        MailboxSnapshot newest;
        try
        {
            newest = box?.Newest ?? await mail.Messages.OpenAsync(info.Id, ct);
            scope = box is null ? new(new(newest), RecentOf(newest, info)) : new(box.View, box.Recent);
        }
        catch (MailException e) when (e.Error is MailError.NotFound or MailError.NoPermission)
        {
            return null;
        }

        var found = await Program.RunAsync(session, mail, newest, scope, ct, Returns.Saves, progress.Begin);
        progress.Finish(info.Messages);
        if (SearchAnswer.Refusal(found, Returns, terms: null) is { } refusal)
            return refusal;
        if (!found.Uids.IsEmpty)
        {
            var relevancy = await SearchAnswer.RelevancyAsync(mail, found, Returns, terms: null, ct);
            var hits = SearchHits.Of(scope.View, found.Uids, isUid: true, relevancy);
            Returns.Write(session, info.Name, newest.UidValidity, hits, found.HighestModSeq(Returns.About(hits)));
            if (Returns.Saves)
                scope.View.Saved = Returns.About(hits);
        }

        if (box is not null)
            SearchAnswer.Follow(session, box, Returns, found, terms: null, [], isUid: true);
        return null;
    }

    private static UidSet RecentOf(MailboxSnapshot newest, MailboxInfo info) => info.RecentFrom.Value == 0 || info.RecentFrom >= newest.UidNext
        ? UidSet.Empty
        : UidSet.Range(info.RecentFrom, new(newest.UidNext.Value - 1));

    private static List<MailboxFilter> SourcesOf(ref ImapReader r)
    {
        var sources = new List<MailboxFilter>();
        r.Space();
        r.Open();
        do
        {
            var source = MailboxFilter.Parse(ref r);
            if (source.Kind == FilterKind.SelectedDelayed)
                throw new SyntaxException("There is no such mailbox specifier");
            sources.Add(source);
            if (sources.Count > MaxSources)
                throw new MailException(MailError.LimitReached, "These are too many sources");
        }
        while (r.Take(' '));
        r.Close();
        r.Space();
        return sources;
    }
}
