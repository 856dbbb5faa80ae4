using Webmail.MailCore.Admin.Import;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Admin;

/// <param name="Into">An mbox file's messages go there, and a Maildir's folders below it; null: INBOX, and the Maildir's own folder names.</param>
public sealed record ImportOptions(MailboxName? Into = null);

/// <param name="Octets">As stored.</param>
public sealed record ImportProgress(MailboxName Mailbox, long Messages, long Octets);

/// <summary>A message that was left out.</summary>
/// <param name="Where">File name, and the octet where it begins in an mbox.</param>
public sealed record ImportFailure(string Where, string Reason);

/// <param name="Failures">At most 1,000 are listed; <paramref name="Failed"/> counts all.</param>
public sealed record ImportResult(long Messages, long Octets, long Failed, IReadOnlyList<ImportFailure> Failures);

/// <summary>
/// Brings mail of another server into an account: an mbox file, or a Maildir with its Maildir++ subfolders. Reads in pieces, whatever the size, and appends in
/// batches; what has been reported as progress is on disk. Line ends become CRLF, nothing else of a message is changed but the quoting of "From " lines in
/// an mbox. It doesn't look for messages that are there already: running it twice imports twice.
/// </summary>
public sealed class MailImport
{
    private const int MaxBatch = 50;
    private const long MaxBatchOctets = 4 * 1024 * 1024;
    private const int MaxFailures = 1_000;

    private readonly IMailStore _store;
    private readonly AccountLookup _accounts;
    private readonly AdminRights _rights;
    private readonly WebmailSettings _settings;

    internal MailImport(IMailStore store, AccountLookup accounts, AdminRights rights, WebmailSettings settings)
    {
        _store = store;
        _accounts = accounts;
        _rights = rights;
        _settings = settings;
    }

    /// <exception cref="MailException">NotFound (the account, the path), Invalid (neither an mbox nor a Maildir), NoPermission, OverQuota (what came before it is stored)</exception>
    public async Task<ImportResult> RunAsync(
        Principal actor, EmailAddress account, string path, ImportOptions options, IProgress<ImportProgress>? progress, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var owner = await _accounts.FindAsync(account, ct) ?? throw new MailException(MailError.NotFound, $"There is no user {account}");
        var run = new Run(_store.For(owner.ToPrincipal()), _settings.Limits.MessageSize, progress);
        if (System.IO.Directory.Exists(path))
            await run.MaildirAsync(path, options.Into, ct);
        else if (File.Exists(path))
            await run.MboxAsync(path, options.Into ?? MailboxName.Inbox, ct);
        else
            throw new MailException(MailError.NotFound, $"There is no {path}");
        return run.Result;
    }

    /// <summary>One import under way.</summary>
    private sealed class Run(AccountMail mail, long maxSize, IProgress<ImportProgress>? progress)
    {
        private readonly List<AppendItem> _batch = [];
        private readonly List<ImportFailure> _failures = [];
        private long _batchOctets;
        private long _messages;
        private long _octets;
        private long _failed;

        public ImportResult Result => new(_messages, _octets, _failed, _failures);

        public async Task MboxAsync(string path, MailboxName into, CancellationToken ct)
        {
            await using var file = File.OpenRead(path);
            var reader = new MboxReader(file);
            if (!await reader.BeginAsync(ct))
                throw new MailException(MailError.Invalid, $"{path} is not an mbox file: it doesn't begin with a \"From \" line");
            var box = await MailboxAsync(into, ct);
            while (reader.HasMessage)
            {
                var where = $"{Path.GetFileName(path)} at {reader.MessageStart}";
                await AddAsync(box, where, reader, ct);
            }

            await FlushAsync(box, ct);
        }

        public async Task MaildirAsync(string path, MailboxName? into, CancellationToken ct)
        {
            var folders = Maildir.Folders(path);
            if (folders.Count == 0)
                throw new MailException(MailError.Invalid, $"{path} is not a Maildir: it has no cur and new");
            foreach (var folder in folders)
            {
                var box = await MailboxAsync(NameOf(folder, into), ct);
                foreach (var file in folder.Files())
                {
                    ct.ThrowIfCancellationRequested();
                    // A file that is renamed while we look (another program sets a flag) is left out and said.
                    try
                    {
                        await using var reader = new MaildirMessage(folder, file);
                        await AddAsync(box, Path.GetFileName(file), reader, ct);
                    }
                    catch (IOException e)
                    {
                        Fail(Path.GetFileName(file), e.Message);
                    }
                }

                await FlushAsync(box, ct);
            }
        }

        private static MailboxName NameOf(MaildirFolder folder, MailboxName? into) =>
            into is not { } top ? folder.Name ?? MailboxName.Inbox
            : folder.Name is { } below ? MailboxName.Parse($"{top}/{below}")
            : top;

        private async ValueTask<MailboxInfo> MailboxAsync(MailboxName name, CancellationToken ct)
        {
            if (await mail.Mailboxes.FindAsync(name, ct) is { } found)
                return found;
            var made = await mail.Mailboxes.CreateAsync(name, SpecialUse.None, ct);
            await mail.Mailboxes.SetSubscribedAsync(name, true, ct);
            return made;
        }

        private async ValueTask AddAsync(MailboxInfo box, string where, IImportedMessage message, CancellationToken ct)
        {
            await using var spool = mail.Blobs.Begin();
            if (!await CopyAsync(message, spool, ct))
            {
                Fail(where, "It is larger than this server takes");
                return;
            }

            var incoming = await spool.CompleteAsync(default, ct);
            _batch.Add(new(incoming, message.Flags | await KeywordsAsync(message.Keywords, ct), message.Received));
            _batchOctets += incoming.Size;
            if (_batch.Count >= MaxBatch || _batchOctets >= MaxBatchOctets)
                await FlushAsync(box, ct);
        }

        /// <summary>An account has room for 55 keywords: further ones are dropped, the message is not.</summary>
        private async ValueTask<FlagSet> KeywordsAsync(IReadOnlyCollection<string> keywords, CancellationToken ct)
        {
            try
            {
                return await mail.Mailboxes.KeywordBitsAsync(keywords, ct);
            }
            catch (MailException e) when (e.Error == MailError.LimitReached)
            {
                return FlagSet.None;
            }
        }

        /// <summary>False: too large; the rest was passed over.</summary>
        private async ValueTask<bool> CopyAsync(IImportedMessage message, MessageSpool spool, CancellationToken ct)
        {
            var fits = true;
            while (await message.NextAsync(ct) is { IsEmpty: false } piece)
            {
                fits &= maxSize == 0 || spool.Length + piece.Length <= maxSize;
                if (fits)
                    await spool.WriteAsync(piece, ct);
            }

            return fits;
        }

        private async ValueTask FlushAsync(MailboxInfo box, CancellationToken ct)
        {
            if (_batch.Count == 0)
                return;
            await mail.Messages.AppendAsync(box.Id, _batch, ct);
            _messages += _batch.Count;
            _octets += _batchOctets;
            _batch.Clear();
            _batchOctets = 0;
            progress?.Report(new(box.Name, _messages, _octets));
        }

        private void Fail(string where, string reason)
        {
            _failed++;
            if (_failures.Count < MaxFailures)
                _failures.Add(new(where, reason));
        }
    }
}
