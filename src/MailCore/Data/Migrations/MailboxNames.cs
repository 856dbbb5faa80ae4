using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Names that can't be selected, INBOX renamed in one transaction, and a purge that leaves nothing behind.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124130000_MailboxNames")]
internal sealed class MailboxNames : SqlMigration;
